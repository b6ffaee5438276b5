/** How long streams take to their first content, as this process has seen it lately; by route. */
export interface FirstContentTimes {
  note(route: string, ms: number): void;
  /** The time within which this part of the last streams began; null while too few were seen. */
  quantile(route: string, part: number): number | null;
}

const MOST_ROUTES = 500;
/** The last ones count: upstreams change their pace by the hour. */
const KEPT = 200;
/** With fewer a quantile is a guess. */
const LEAST = 20;

interface Route {
  times: number[];
  /** Where the next one goes. */
  next: number;
  sorted: number[] | null;
}

export function createFirstContentTimes(): FirstContentTimes {
  const routes = new Map<string, Route>();
  return {
    note(name, ms) {
      let route = routes.get(name);
      if (route === undefined) {
        if (routes.size >= MOST_ROUTES) routes.clear();
        route = { times: [], next: 0, sorted: null };
        routes.set(name, route);
      }
      route.times[route.next] = ms;
      route.next = (route.next + 1) % KEPT;
      route.sorted = null;
    },
    quantile(name, part) {
      const route = routes.get(name);
      if (route === undefined || route.times.length < LEAST) return null;
      route.sorted ??= route.times.toSorted((left, right) => left - right);
      const index = Math.min(route.sorted.length - 1, Math.floor(part * route.sorted.length));
      return route.sorted[index] ?? null;
    },
  };
}
