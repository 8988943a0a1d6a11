const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false });
const dayAndTime = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hour12: false });

/** As in 20:15:02, in the reader's zone. */
export const timeOfDay = (at: number): string => clock.format(at);

/** As in 22 Nov, 20:15. */
export const dayAndTimeOf = (at: number): string => dayAndTime.format(at);

/** Minutes and seconds that are left, as in 19:58. */
export function countdown(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1_000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
