// The direction of a field. Without a text to go by it is the page's, so that its placeholder reads as the page does.

export function directionOf(text: string): 'auto' | undefined {
  return text === '' ? undefined : 'auto';
}
