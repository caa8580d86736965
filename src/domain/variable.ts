/** The parts of a triple, as the names of their variables end. */
export type Part = 'SERVER' | 'USER' | 'PASSWORD' | 'SESSION_TOKEN';
export type Parts = Partial<Record<Part, string>>;

/** The variable that holds a part: the subject of most problems. */
export function variableName(id: string, part: Part): string {
  return `${id}_CONTAINER_REGISTRY_${part}`;
}
