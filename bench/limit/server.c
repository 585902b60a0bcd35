// Reference service for the benchmarks: HTTP/1.1 keep-alive, POST /v1/chat/completions, GET /v1/models.
// One thread, epoll. Fast enough not to be what is measured, and it keeps its own ground truth: every token
// carries the CLOCK_MONOTONIC nanosecond read just before its write, and is logged when --truth is given.
//
//   server [--port N] [--mode backlog|paced|step] [--tokens N] [--interval-ms X] [--per-write N]
//          [--ttft-ms X] [--plain] [--spread] [--spin] [--truth FILE]
//
// --spread ends each response somewhere in the second half of what was asked for, so that streams do not end together.
// --plain sends a word instead of the stamp as a token's text, for clients that count tokens themselves.
// Prints {"port":N} when it listens; on SIGTERM or SIGINT prints its statistics as one JSON line and exits.
// --tokens 0 (the default) takes each request's own max_tokens. A request whose body holds #R<digits> is logged under that number.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define STAMP_DIGITS 19
#define ID_DIGITS 8
#define MAX_PER_WRITE 256
#define GAP_NS 200000     // two clock reads of a spinning server this far apart: the core was taken away
#define HIST (1 << 20)    // buckets of 1 us (whole responses: 0.1 ms), the last one takes the rest
#define NO_REQUEST 0xffffffffu

enum mode { BACKLOG, PACED, STEP };

typedef struct {
  int fd;
  int streaming;
  int waits_out;          // EPOLLOUT is armed, pending bytes wait
  char *in;
  size_t in_len, in_cap;
  char *pending;
  size_t pend_at, pend_len, pend_cap;
  uint32_t request, tokens, sent, id, prompt_tokens;
  uint64_t received, due, last_stamp;
  uint64_t *stamps;
  size_t stamps_cap;
  int slot;               // position in `active` or in the heap, -1: in neither
} conn_t;

static struct {
  int port, spin, plain, spread;
  enum mode mode;
  uint32_t tokens, per_write;
  uint64_t interval, ttft;
  const char *truth;
} opt = {.mode = BACKLOG, .per_write = 16, .interval = 20000000};

static struct {
  uint64_t requests, responses, tokens, events, bytes, writes, partial;
  uint64_t first_request, last_token, gap, gap_max, start;
} st;
static uint32_t lag_h[HIST], ttft_h[HIST], itl_h[HIST], e2e_h[HIST];
static double ttft_sum, itl_sum, e2e_sum;
static uint64_t itl_n;

static volatile sig_atomic_t stop_now;
static int epfd;
static uint64_t last_clock;
static int clock_continuous; // no blocking wait since the last clock read
static conn_t **active;      // backlog and step: round robin; paced: binary heap by due
static int n_active, cap_active;
static FILE *truth;
static uint64_t rng = 88172645463325252ull;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  uint64_t n = (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
  if (clock_continuous && n - last_clock > GAP_NS) {
    uint64_t d = n - last_clock;
    st.gap += d;
    if (d > st.gap_max) st.gap_max = d;
  }
  clock_continuous = opt.spin;
  last_clock = n;
  return n;
}

// From 0 to 1, the same sequence in every run.
static double random_share(void) {
  rng ^= rng << 13, rng ^= rng >> 7, rng ^= rng << 17;
  return (double)(rng >> 11) / 9007199254740992.0;
}

static void count(uint32_t *h, uint64_t ns, uint64_t bucket_ns) {
  uint64_t i = ns / bucket_ns;
  h[i < HIST ? i : HIST - 1]++;
}

static void count_us(uint32_t *h, uint64_t ns) {
  count(h, ns, 1000);
}

// In units of 1000 buckets: milliseconds for a histogram of microseconds.
static double quantile(const uint32_t *h, double q) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < HIST; i++) total += h[i];
  if (!total) return -1;
  uint64_t want = (uint64_t)(q * (double)total);
  if (want >= total) want = total - 1;
  for (int i = 0; i < HIST; i++) {
    seen += h[i];
    if (seen > want) return i / 1000.0;
  }
  return HIST / 1000.0;
}

// ---- the bytes of a response -------------------------------------------------------------------------

#define EV_HEAD "data: {\"id\":\"chatcmpl-bench-"
#define EV_MID \
  "\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\"model\":\"bench\"," \
  "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" "
#define EV_TAIL "\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
#define EV_LAST "\"},\"logprobs\":null,\"finish_reason\":\"length\"}]}\n\n"

#define PLAIN "the"
#define ZEROS "0000000000000000000"

static char token_block[MAX_PER_WRITE * 512];
static int token_len, token_id_at, token_stamp_at;
static const char response_head[] =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n"
    "transfer-encoding: chunked\r\n\r\n";

static int chunk(char *to, const char *payload, int len) {
  int n = sprintf(to, "%x\r\n", len);
  memcpy(to + n, payload, (size_t)len);
  memcpy(to + n + len, "\r\n", 2);
  return n + len + 2;
}

static void make_block(void) {
  char payload[512];
  int len = sprintf(payload, EV_HEAD "%08x" EV_MID "%s" EV_TAIL, 0, opt.plain ? PLAIN : ZEROS);
  for (uint32_t i = 0; i < opt.per_write; i++) token_len = chunk(token_block + i * (uint32_t)token_len, payload, len);
  int head = token_len - len - 2;
  token_id_at = head + (int)strlen(EV_HEAD);
  token_stamp_at = token_id_at + ID_DIGITS + (int)strlen(EV_MID);
}

static void digits(char *to, uint64_t v) {
  for (int i = STAMP_DIGITS - 1; i >= 0; i--) {
    to[i] = (char)('0' + v % 10);
    v /= 10;
  }
}

static void hex(char *to, uint32_t v) {
  for (int i = ID_DIGITS - 1; i >= 0; i--, v >>= 4) to[i] = "0123456789abcdef"[v & 15];
}

static int role_event(char *to, const conn_t *c) {
  char p[512];
  int n = sprintf(p,
                  EV_HEAD "%08x\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\"model\":\"bench\","
                          "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},"
                          "\"logprobs\":null,\"finish_reason\":null}]}\n\n",
                  c->id);
  return chunk(to, p, n);
}

static int last_events(char *to, const conn_t *c, const char *stamp) {
  char p[512];
  int n = sprintf(p, EV_HEAD "%08x" EV_MID "%.19s" EV_LAST, c->id, opt.plain ? PLAIN : stamp);
  int at = chunk(to, p, n);
  n = sprintf(p,
              EV_HEAD "%08x\",\"object\":\"chat.completion.chunk\",\"created\":1767225600,\"model\":\"bench\","
                      "\"choices\":[],\"usage\":{\"prompt_tokens\":%u,\"total_tokens\":%u,\"completion_tokens\":%u}}\n\n",
              c->id, c->prompt_tokens, c->prompt_tokens + c->tokens, c->tokens);
  at += chunk(to + at, p, n);
  at += chunk(to + at, "data: [DONE]\n\n", 14);
  memcpy(to + at, "0\r\n\r\n", 5);
  return at + 5;
}

// ---- connections -------------------------------------------------------------------------------------

static void interest(conn_t *c, uint32_t events) {
  struct epoll_event e = {.events = events, .data.ptr = c};
  epoll_ctl(epfd, EPOLL_CTL_MOD, c->fd, &e);
}

static void swap_slots(int a, int b) {
  conn_t *x = active[a], *y = active[b];
  active[a] = y, y->slot = a;
  active[b] = x, x->slot = b;
}

static void sift_up(int i) {
  while (i > 0 && active[i]->due < active[(i - 1) / 2]->due) {
    swap_slots(i, (i - 1) / 2);
    i = (i - 1) / 2;
  }
}

static void sift_down(int i) {
  for (;;) {
    int l = 2 * i + 1, m = i;
    if (l < n_active && active[l]->due < active[m]->due) m = l;
    if (l + 1 < n_active && active[l + 1]->due < active[m]->due) m = l + 1;
    if (m == i) return;
    swap_slots(i, m);
    i = m;
  }
}

static void activate(conn_t *c) {
  if (c->slot >= 0) return;
  if (n_active == cap_active) active = realloc(active, (size_t)(cap_active = cap_active * 2 + 64) * sizeof *active);
  c->slot = n_active;
  active[n_active++] = c;
  if (opt.mode == PACED) sift_up(c->slot);
}

static void deactivate(conn_t *c) {
  int i = c->slot;
  if (i < 0) return;
  n_active--;
  if (i != n_active) {
    swap_slots(i, n_active);
    if (opt.mode == PACED) sift_up(i), sift_down(i);
  }
  c->slot = -1;
}

static void close_conn(conn_t *c) {
  deactivate(c);
  close(c->fd);
  free(c->in);
  free(c->pending);
  free(c->stamps);
  free(c);
}

// 0: all written or kept for later; -1: the connection is broken
static int put(conn_t *c, const char *bytes, size_t len) {
  size_t done = 0;
  if (!c->waits_out) {
    ssize_t n = send(c->fd, bytes, len, MSG_NOSIGNAL);
    st.writes++;
    if (n < 0 && errno != EAGAIN) return -1;
    if (n > 0) done = (size_t)n;
  }
  st.bytes += len;
  if (done == len) return 0;
  st.partial++;
  size_t rest = len - done;
  if (c->pend_len + rest > c->pend_cap) c->pending = realloc(c->pending, c->pend_cap = (c->pend_len + rest) * 2);
  memcpy(c->pending + c->pend_len, bytes + done, rest);
  c->pend_len += rest;
  if (!c->waits_out) interest(c, EPOLLIN | EPOLLOUT);
  c->waits_out = 1;
  return 0;
}

static void log_tokens(conn_t *c, uint64_t stamp, uint32_t n) {
  for (uint32_t i = 0; i < n; i++) {
    if (c->sent + i == 0) {
      count_us(ttft_h, stamp - c->received);
      ttft_sum += (double)(stamp - c->received);
    } else {
      uint64_t gap = i ? 0 : stamp - c->last_stamp;
      count_us(itl_h, gap);
      itl_sum += (double)gap;
      itl_n++;
    }
    if (truth) {
      if (c->sent + i >= c->stamps_cap)
        c->stamps = realloc(c->stamps, (c->stamps_cap = c->stamps_cap * 2 + 256) * sizeof *c->stamps);
      c->stamps[c->sent + i] = stamp;
    }
  }
  c->last_stamp = stamp;
  c->sent += n;
  st.tokens += n;
  st.events += n;
}

static void finish(conn_t *c, uint64_t stamp) {
  c->streaming = 0;
  st.responses++;
  st.last_token = stamp;
  count(e2e_h, stamp - c->received, 100000);
  e2e_sum += (double)(stamp - c->received);
  if (truth) {
    uint32_t head[2] = {c->request, c->sent};
    fwrite(head, sizeof head, 1, truth);
    fwrite(&c->received, sizeof c->received, 1, truth);
    fwrite(c->stamps, sizeof *c->stamps, c->sent, truth);
  }
}

// Writes the next `n` tokens with one stamp; the role event and the closing events ride along. -1: broken
static int emit(conn_t *c, uint32_t n) {
  static char out[MAX_PER_WRITE * 512 + 4096];
  uint32_t left = c->tokens - c->sent;
  if (n > left) n = left;
  int last = n == left;
  uint32_t plain = last ? n - 1 : n;
  char stamp[STAMP_DIGITS + 1] = {0};
  size_t len = 0;
  if (c->sent == 0) {
    memcpy(out, response_head, sizeof response_head - 1);
    len = sizeof response_head - 1;
    len += (size_t)role_event(out + len, c);
    st.events++;
  }
  for (uint32_t i = 0; i < plain; i++) hex(token_block + i * (uint32_t)token_len + token_id_at, c->id);
  uint64_t t = now_ns();
  digits(stamp, t);
  for (uint32_t i = 0; i < plain && !opt.plain; i++)
    memcpy(token_block + i * (uint32_t)token_len + token_stamp_at, stamp, STAMP_DIGITS);
  int r;
  if (len == 0 && !last) r = put(c, token_block, plain * (uint32_t)token_len);
  else {
    memcpy(out + len, token_block, plain * (uint32_t)token_len);
    len += plain * (uint32_t)token_len;
    if (last) len += (size_t)last_events(out + len, c, stamp), st.events += 2;
    r = put(c, out, len);
  }
  log_tokens(c, t, n);
  if (last) finish(c, t);
  return r;
}

// ---- requests ----------------------------------------------------------------------------------------

static const char *find(const char *hay, size_t len, const char *needle) {
  return memmem(hay, len, needle, strlen(needle));
}

static long number_after(const char *body, size_t len, const char *key) {
  const char *p = find(body, len, key);
  if (!p) return -1;
  p += strlen(key);
  const char *end = body + len;
  while (p < end && (*p == ' ' || *p == ':' || *p == '"')) p++;
  return p < end && *p >= '0' && *p <= '9' ? strtol(p, NULL, 10) : -1;
}

static int wants_stream(const char *body, size_t len) {
  const char *p = find(body, len, "\"stream\"");
  if (!p) return 0;
  p += 8;
  const char *end = body + len;
  while (p < end && (*p == ' ' || *p == ':')) p++;
  return p < end && *p == 't';
}

static int answer_json(conn_t *c, const char *status, const char *json) {
  char out[2048];
  int n = sprintf(out, "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", status,
                  strlen(json), json);
  return put(c, out, (size_t)n);
}

static int start_response(conn_t *c, const char *body, size_t len) {
  static uint32_t next_id = 1;
  uint64_t t = now_ns();
  if (!st.first_request) st.first_request = t;
  st.requests++;
  c->received = t;
  c->id = next_id++;
  c->sent = 0;
  c->last_stamp = 0;
  c->prompt_tokens = (uint32_t)(len / 4 + 1);
  long wanted = number_after(body, len, "max_completion_tokens\"");
  if (wanted < 1) wanted = number_after(body, len, "max_tokens\"");
  c->tokens = opt.tokens ? opt.tokens : wanted > 0 ? (uint32_t)wanted : 128;
  if (opt.spread) c->tokens -= (uint32_t)(random_share() * (c->tokens / 2 + 1));
  long mark = number_after(body, len, "#R");
  c->request = mark < 0 ? NO_REQUEST : (uint32_t)mark;
  if (!wants_stream(body, len)) {
    char json[1024];
    sprintf(json,
            "{\"id\":\"chatcmpl-bench-%08x\",\"object\":\"chat.completion\",\"created\":1767225600,\"model\":\"bench\","
            "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"ok\"},\"finish_reason\":"
            "\"length\"}],\"usage\":{\"prompt_tokens\":%u,\"completion_tokens\":%u,\"total_tokens\":%u}}",
            c->id, c->prompt_tokens, c->tokens, c->prompt_tokens + c->tokens);
    int r = answer_json(c, "200 OK", json);
    log_tokens(c, t, 1);
    finish(c, t);
    return r;
  }
  c->streaming = 1;
  if (opt.mode == BACKLOG && opt.ttft == 0) {
    // The first write at once; the others take turns.
    if (emit(c, opt.per_write) < 0) return -1;
    if (c->streaming && !c->waits_out) activate(c);
    return 0;
  }
  c->due = t + opt.ttft;
  if (opt.mode == PACED) c->due += (uint64_t)(random_share() * (double)opt.interval);
  activate(c);
  return 0;
}

static void stats_json(char *to);

static int route(conn_t *c, const char *head, const char *body, size_t len) {
  if (!strncmp(head, "POST /v1/chat/completions", 25)) return start_response(c, body, len);
  if (!strncmp(head, "GET /v1/models", 14))
    return answer_json(c, "200 OK",
                       "{\"object\":\"list\",\"data\":[{\"id\":\"bench\",\"object\":\"model\",\"created\":1767225600,"
                       "\"owned_by\":\"bench\",\"max_model_len\":1048576}]}");
  if (!strncmp(head, "GET /stats", 10)) {
    char json[1800];
    stats_json(json);
    return answer_json(c, "200 OK", json);
  }
  if (!strncmp(head, "GET /health", 11) || !strncmp(head, "GET / ", 6)) return answer_json(c, "200 OK", "{}");
  return answer_json(c, "404 Not Found", "{\"error\":{\"message\":\"no such path\"}}");
}

// Takes whole requests out of the input buffer, one at a time. -1: broken
static int read_requests(conn_t *c) {
  while (!c->streaming && c->in_len > 0) {
    char *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head_len = (size_t)(end + 4 - c->in), body_len = 0;
    *end = 0; // so that the searches stop at the head's end, however long the body is
    char *h = strcasestr(c->in, "\r\ncontent-length:");
    if (h) body_len = strtoul(h + 17, NULL, 10);
    int no_length = strcasestr(c->in, "\r\ntransfer-encoding:") != NULL;
    int waits = strcasestr(c->in, "\r\nexpect:") != NULL;
    *end = '\r';
    if (no_length) return answer_json(c, "411 Length Required", "{}"), -1;
    if (waits && c->in_len == head_len && body_len) {
      if (send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL) < 0) return -1;
    }
    if (c->in_len < head_len + body_len) return 0;
    if (route(c, c->in, c->in + head_len, body_len) < 0) return -1;
    size_t used = head_len + body_len;
    memmove(c->in, c->in + used, c->in_len - used + 1);
    c->in_len -= used;
  }
  return 0;
}

static int readable(conn_t *c) {
  for (;;) {
    if (c->in_cap - c->in_len < 4097) c->in = realloc(c->in, c->in_cap = c->in_cap * 2 + 8192);
    size_t room = c->in_cap - c->in_len - 1;
    ssize_t n = recv(c->fd, c->in + c->in_len, room, 0);
    if (n == 0) return -1;
    if (n < 0) return errno == EAGAIN ? read_requests(c) : -1;
    c->in_len += (size_t)n;
    c->in[c->in_len] = 0;
    if ((size_t)n < room) return read_requests(c);
  }
}

static int writable(conn_t *c) {
  ssize_t n = send(c->fd, c->pending + c->pend_at, c->pend_len - c->pend_at, MSG_NOSIGNAL);
  if (n < 0) return errno == EAGAIN ? 0 : -1;
  c->pend_at += (size_t)n;
  if (c->pend_at < c->pend_len) return 0;
  c->pend_at = c->pend_len = 0;
  c->waits_out = 0;
  interest(c, EPOLLIN);
  if (c->streaming && opt.mode == BACKLOG) activate(c);
  return c->streaming ? 0 : read_requests(c);
}

static void accept_all(int listener) {
  for (;;) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) return;
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    conn_t *c = calloc(1, sizeof *c);
    c->fd = fd;
    c->slot = -1;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &e);
  }
}

// ---- the three ways to emit --------------------------------------------------------------------------

static void emit_or_close(conn_t *c, uint32_t n) {
  if (emit(c, n) < 0) close_conn(c);
  else if (!c->streaming && !c->waits_out && read_requests(c) < 0) close_conn(c);
}

static void run_backlog(void) {
  for (int i = n_active - 1; i >= 0; i--) {
    if (i >= n_active) continue; // more than one left while this one was served
    conn_t *c = active[i];
    if (c->due && c->due > last_clock) continue;
    int broken = emit(c, opt.per_write) < 0;
    if (!c->streaming || c->waits_out) deactivate(c);
    if (broken || (!c->streaming && !c->waits_out && read_requests(c) < 0)) close_conn(c);
  }
}

static void run_paced(void) {
  // Bounded, so that a server that is behind still reads requests.
  for (int i = 0; i < 512 && n_active > 0; i++) {
    conn_t *c = active[0];
    if (c->due > last_clock) return;
    uint64_t due = c->due;
    c->due += opt.interval;
    sift_down(0);
    if (c->sent + 1 >= c->tokens) deactivate(c);
    emit_or_close(c, 1);
    count_us(lag_h, last_clock - due);
  }
}

static uint64_t next_step;

static void run_step(void) {
  if (last_clock < next_step) return;
  count_us(lag_h, last_clock - next_step);
  while (next_step <= last_clock) next_step += opt.interval;
  uint64_t began = last_clock;
  for (int i = n_active - 1; i >= 0; i--) {
    if (i >= n_active) continue;
    conn_t *c = active[i];
    if (c->due > began) continue;
    if (c->sent + 1 >= c->tokens) deactivate(c);
    emit_or_close(c, 1);
  }
}

static int wait_ms(void) {
  if (opt.spin) return 0;
  uint64_t due = UINT64_MAX;
  if (opt.mode == BACKLOG) return n_active ? 0 : 100;
  if (opt.mode == PACED && n_active) due = active[0]->due;
  if (opt.mode == STEP) due = next_step;
  uint64_t t = now_ns();
  if (due <= t) return 0;
  uint64_t ms = (due - t) / 1000000;
  return ms > 100 ? 100 : (int)ms; // the last partial millisecond is spun
}

// ---- set-up and report -------------------------------------------------------------------------------

static void stats_json(char *to) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  double cpu = (double)u.ru_utime.tv_sec + u.ru_utime.tv_usec / 1e6 + (double)u.ru_stime.tv_sec + u.ru_stime.tv_usec / 1e6;
  double wall = st.last_token > st.first_request ? (double)(st.last_token - st.first_request) / 1e9 : 0;
  sprintf(to,
          "{\"requests\":%lu,\"responses\":%lu,\"tokens\":%lu,\"events\":%lu,\"bytes\":%lu,\"writes\":%lu,"
          "\"partial_writes\":%lu,\"cpu_s\":%.3f,\"wall_s\":%.6f,\"first_request_ns\":%lu,\"last_token_ns\":%lu,"
          "\"gap_ms\":%.3f,\"gap_max_ms\":%.3f,\"up_s\":%.3f,\"lag_p50_ms\":%.3f,\"lag_p99_ms\":%.3f,\"lag_max_ms\":%.3f,"
          "\"ttft_mean_ms\":%.4f,\"ttft_p50_ms\":%.3f,\"ttft_p99_ms\":%.3f,\"itl_mean_ms\":%.4f,\"itl_p50_ms\":%.3f,"
          "\"itl_p99_ms\":%.3f,\"e2e_mean_ms\":%.4f,\"e2e_p50_ms\":%.3f,\"e2e_p99_ms\":%.3f}",
          st.requests, st.responses, st.tokens, st.events, st.bytes, st.writes, st.partial, cpu, wall,
          st.first_request, st.last_token, (double)st.gap / 1e6, (double)st.gap_max / 1e6,
          (double)(last_clock - st.start) / 1e9, quantile(lag_h, .5), quantile(lag_h, .99), quantile(lag_h, 1),
          st.responses ? ttft_sum / (double)st.responses / 1e6 : -1, quantile(ttft_h, .5), quantile(ttft_h, .99),
          itl_n ? itl_sum / (double)itl_n / 1e6 : -1, quantile(itl_h, .5), quantile(itl_h, .99),
          st.responses ? e2e_sum / (double)st.responses / 1e6 : -1, quantile(e2e_h, .5) * 100, quantile(e2e_h, .99) * 100);
}

static void on_signal(int s) {
  (void)s;
  stop_now = 1;
}

static void usage(const char *what) {
  fprintf(stderr, "server: bad option %s\n", what);
  exit(2);
}

static void parse(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    const char *a = argv[i];
    int *flag = !strcmp(a, "--spin") ? &opt.spin : !strcmp(a, "--plain") ? &opt.plain : !strcmp(a, "--spread") ? &opt.spread : NULL;
    if (flag) {
      *flag = 1;
      continue;
    }
    if (i + 1 >= argc) usage(a);
    const char *v = argv[++i];
    if (!strcmp(a, "--port")) opt.port = atoi(v);
    else if (!strcmp(a, "--mode")) {
      if (!strcmp(v, "backlog")) opt.mode = BACKLOG;
      else if (!strcmp(v, "paced")) opt.mode = PACED;
      else if (!strcmp(v, "step")) opt.mode = STEP;
      else usage(v);
    } else if (!strcmp(a, "--tokens")) opt.tokens = (uint32_t)atoi(v);
    else if (!strcmp(a, "--interval-ms")) opt.interval = (uint64_t)(atof(v) * 1e6);
    else if (!strcmp(a, "--ttft-ms")) opt.ttft = (uint64_t)(atof(v) * 1e6);
    else if (!strcmp(a, "--per-write")) opt.per_write = (uint32_t)atoi(v);
    else if (!strcmp(a, "--truth")) opt.truth = v;
    else usage(a);
  }
  if (opt.per_write < 1 || opt.per_write > MAX_PER_WRITE || opt.interval < 1000) usage("value");
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 32768)) {
    perror("server");
    exit(1);
  }
  socklen_t len = sizeof a;
  getsockname(fd, (struct sockaddr *)&a, &len);
  printf("{\"port\":%d}\n", ntohs(a.sin_port));
  fflush(stdout);
  return fd;
}

int main(int argc, char **argv) {
  parse(argc, argv);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, on_signal);
  signal(SIGINT, on_signal);
  if (opt.truth && !(truth = fopen(opt.truth, "wb"))) {
    perror(opt.truth);
    return 1;
  }
  if (truth) setvbuf(truth, NULL, _IOFBF, 1 << 20);
  make_block();
  epfd = epoll_create1(EPOLL_CLOEXEC);
  int listener = listen_on(opt.port);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epfd, EPOLL_CTL_ADD, listener, &e);
  st.start = now_ns();
  next_step = st.start + opt.interval;
  static struct epoll_event events[1024];
  while (!stop_now) {
    int timeout = wait_ms();
    if (timeout) clock_continuous = 0;
    int n = epoll_wait(epfd, events, 1024, timeout);
    for (int i = 0; i < n; i++) {
      conn_t *c = events[i].data.ptr;
      if (!c) {
        accept_all(listener);
        continue;
      }
      int r = 0;
      if (events[i].events & EPOLLOUT) r = writable(c);
      if (r == 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) r = readable(c);
      if (r < 0) close_conn(c);
    }
    now_ns();
    if (opt.mode == BACKLOG) run_backlog();
    else if (opt.mode == PACED) run_paced();
    else run_step();
  }
  if (truth) fclose(truth);
  char json[2048];
  stats_json(json);
  puts(json);
  return 0;
}
