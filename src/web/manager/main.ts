// The page at `/`: wired here.
import { io } from 'socket.io-client';
import { Board } from './board.ts';
import { type FeedSocket, LiveFeed } from './feed.ts';
import { freshness } from './freshness.ts';
import { loadTasks } from './load.ts';
import { Page } from './page.ts';
import { TaskStore } from './store.ts';
import { clock } from './times.ts';

const store = new TaskStore();
const board = new Board(store);
const page = new Page();

const socket: FeedSocket = io({
  autoConnect: false,
  transports: ['websocket', 'polling'],
  tryAllTransports: true,
  reconnectionDelay: 300,
  reconnectionDelayMax: 5_000,
  auth: (send) => send(feed.auth()),
});

const feed = new LiveFeed({
  store,
  socket,
  load: loadTasks,
  onShow: (changes) => {
    board.note(changes, feed.serverNow);
    drawSoon();
  },
  onState: () => drawState(),
});

// Times that are told in words grow old by themselves.
const wordsAgeMs = 15_000;
let drawnAt = Number.NEGATIVE_INFINITY;
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
  const now = feed.serverNow;
  drawnAt = Date.now();
  page.drawBoard(board.view(now), now);
}

function drawState(): void {
  const { line } = feed;
  page.drawFreshness(freshness(line, Date.now(), clock));
  if (line.freshAt === undefined) page.drawTrouble(line.trouble);
}

function tick(): void {
  drawState();
  const isCatchingUp = feed.line.isConnected && !feed.line.isReady;
  if (store.cursor === undefined || isCatchingUp) return;
  const moves = board.nextMoveAt !== undefined && board.nextMoveAt <= feed.serverNow;
  if (moves || Math.abs(Date.now() - drawnAt) > wordsAgeMs) drawSoon();
}

page.onRetry(() => feed.retry());
setInterval(tick, 1_000);
document.addEventListener('visibilitychange', tick);
void feed.start();
