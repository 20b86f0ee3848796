// The page at `/`: wired here.
import { createTaskfeed } from '../../client/taskfeed.ts';
import { Board } from './board.ts';
import { freshnessWords } from './freshness.ts';
import { Page } from './page.ts';
import { clock } from './times.ts';

const feed = createTaskfeed({ scope: 'all', topics: ['task'], withLastChange: true });
const board = new Board(feed.tasks);
const page = new Page();

// Times that are told in words grow old by themselves.
const wordsAgeMs = 15_000;
let drawnAt: number | undefined;
let isDue = false;

function drawSoon(): void {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    drawBoard();
  });
}

function drawBoard(): void {
  const now = feed.serverNow();
  drawnAt = Date.now();
  page.drawBoard(board.view(now), now);
}

function drawState(): void {
  const freshness = feed.freshness.get();
  page.drawFreshness(freshnessWords(freshness, clock));
  if (freshness.state === 'connecting') page.drawTrouble(freshness.trouble);
}

function tick(): void {
  drawState();
  if (drawnAt === undefined || feed.freshness.get().state === 'catching up') return;
  const moves = board.nextMoveAt !== undefined && board.nextMoveAt <= feed.serverNow();
  if (moves || Math.abs(Date.now() - drawnAt) > wordsAgeMs) drawSoon();
}

feed.tasks.subscribe(({ changes }) => {
  board.note(changes, feed.serverNow());
  drawSoon();
});
feed.freshness.subscribe(drawState);
page.onRetry(() => feed.checkNow());
setInterval(tick, 1_000);
document.addEventListener('visibilitychange', tick);
feed.start();
