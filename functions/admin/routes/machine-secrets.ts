import { confirmation, successOf } from '@sluice/contract/envelopes';
import {
  changeMachineSecretInput,
  createMachineSecretInput,
  machineSecretView,
  rotateMachineSecretInput,
  shownMachineSecretView,
} from '@sluice/contract/machine-secrets';
import { z } from 'zod';
import {
  changeMachineSecret,
  createMachineSecret,
  deleteMachineSecret,
  endPreviousMachineSecret,
  listMachineSecrets,
  rotateMachineSecret,
  showMachineSecret,
} from '../resources/machine-secrets.ts';
import { route, type AdminRoute } from '../route.ts';

// prettier-ignore
export function machineSecretRoutes(): AdminRoute[] {
  const common = { tag: 'Machine secrets', access: 'machine-secrets:manage' } as const;
  const all = '/api/admin/machine-secrets';
  const one = `${all}/{name}`;
  return [
    route({ ...common, method: 'GET', path: all, summary: 'Machine secrets, without telling them',
      answer: successOf(z.array(machineSecretView)), run: listMachineSecrets }),
    route({ ...common, method: 'POST', path: all, summary: 'Make a machine secret; it is shown this once',
      body: createMachineSecretInput, answer: successOf(shownMachineSecretView), status: 201,
      run: createMachineSecret }),
    route({ ...common, method: 'GET', path: one, summary: 'A machine secret, without telling it',
      answer: successOf(machineSecretView), run: showMachineSecret }),
    route({ ...common, method: 'PATCH', path: one, summary: 'Switch a machine secret, or change its limit',
      body: changeMachineSecretInput, answer: successOf(machineSecretView), run: changeMachineSecret }),
    route({ ...common, method: 'POST', path: `${one}/rotate`,
      summary: 'Another value, shown this once; the one before stays valid for a while',
      body: rotateMachineSecretInput, answer: successOf(shownMachineSecretView), run: rotateMachineSecret }),
    route({ ...common, method: 'DELETE', path: `${one}/previous`, summary: 'End the value before the last rotation',
      answer: successOf(machineSecretView), run: endPreviousMachineSecret }),
    route({ ...common, method: 'DELETE', path: one, summary: 'Delete a machine secret; both its values end',
      answer: confirmation, run: deleteMachineSecret }),
  ];
}
