import { confirmation, successOf } from '@sluice/contract/envelopes';
import { givePlanInput, planChangeInput, planInput, planList, planView, userPlanAnswer } from '@sluice/contract/plans';
import {
  changePlan,
  createPlan,
  deletePlan,
  endPlanOfUser,
  listPlans,
  setPlanOfUser,
  showOwnPlan,
  showPlan,
  showPlanOfUser,
} from '../resources/plans.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function planRoutes(): AdminRoute[] {
  const tag = 'Plans and codes';
  const access = 'plans:manage';
  const ofUser = '/api/admin/users/{id}/plan';
  return [
    route({ method: 'GET', path: '/api/user/plan', tag, summary: 'Your plan, and what is used of it',
      access: 'profile:read', answer: userPlanAnswer, run: showOwnPlan }),
    route({ method: 'GET', path: '/api/admin/plans', tag, summary: 'Plans to make codes from', access,
      answer: successOf(planList), run: listPlans }),
    route({ method: 'POST', path: '/api/admin/plans', tag, summary: 'A new plan', access, body: planInput,
      answer: successOf(planView), status: 201, run: createPlan }),
    route({ method: 'GET', path: '/api/admin/plans/{name}', tag, summary: 'One plan', access,
      answer: successOf(planView), run: showPlan }),
    route({ method: 'PUT', path: '/api/admin/plans/{name}', tag, summary: 'Change a plan, for codes to come', access,
      body: planChangeInput, answer: successOf(planView), run: changePlan }),
    route({ method: 'DELETE', path: '/api/admin/plans/{name}', tag, summary: 'Delete a plan; who has it keeps it',
      access, answer: confirmation, run: deletePlan }),
    route({ method: 'GET', path: ofUser, tag, summary: 'The plan of a user', access, answer: userPlanAnswer,
      run: showPlanOfUser }),
    route({ method: 'PUT', path: ofUser, tag, summary: 'Give a user a plan, or change it', access,
      body: givePlanInput, answer: userPlanAnswer, run: setPlanOfUser }),
    route({ method: 'DELETE', path: ofUser, tag, summary: "End a user's plan", access, answer: confirmation,
      run: endPlanOfUser }),
  ];
}
