/** A whole number from 1, as the server keeps it. */
export const isTranche = (text: string): boolean =>
  /^[1-9]\d{0,9}$/.test(text.trim()) && Number(text) <= 2_147_483_647
