// Reference client: what one core can do with epoll, read() and one memmem per event.
//
//   client --port N [--connections N] [--requests N] [--max-tokens N] [--stagger] [--lateness] [--body-bytes N]
//   client --noise MS          no load: spins for so long and prints how much of the time was taken away
//   client --calibrate N       no load: N million steps of fixed arithmetic, and the CPU time they took
//
// Keeps `connections` requests in flight until `requests` have been answered; prints one JSON line.
// --stagger shortens the first wave, so that streams neither start nor end together from then on.
// With --lateness the stamp in each token's text is read: client clock (once per read) - server clock,
// until the last request has been sent: behind it there are fewer and fewer streams.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES 65536
#define HELD_BYTES 1024
#define HIST (1 << 20)
#define NOISE_GAP_NS 50000

typedef struct {
  int fd;
  int done; // [DONE] was seen, the closing chunk was not
  size_t held_len;
  char held[HELD_BYTES];
} conn_t;

static int port, lateness, stagger, n_conns = 64;
static long n_requests = 1000, max_tokens = 128, body_bytes = 128;
static long sent, answered;
static uint64_t tokens, events, reads, merged;
static uint32_t late_h[HIST];
static char *request;
static int request_len, mark_at, length_at;
static int epfd;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

static double cpu_s(void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)u.ru_utime.tv_sec + u.ru_utime.tv_usec / 1e6 + (double)u.ru_stime.tv_sec + u.ru_stime.tv_usec / 1e6;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

// Integer and floating-point steps that wait for one another, and a table that fits the nearest cache.
static int calibrate(long millions) {
  static uint32_t table[1024];
  uint64_t x = 88172645463325252ull;
  double sum = 0;
  struct timespec from, to;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
  for (long i = 0; i < millions * 1000000; i++) {
    x ^= x << 13, x ^= x >> 7, x ^= x << 17;
    table[x & 1023]++;
    sum = sum * 0.5 + (double)(x >> 11);
  }
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
  double cpu = (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
  printf("{\"cpu_s\":%.6f,\"check\":%.0f}\n", cpu, sum + table[0]);
  return 0;
}

static int noise(long ms) {
  uint64_t start = now_ns(), end = start + (uint64_t)ms * 1000000ull, last = start, lost = 0, worst = 0;
  while (last < end) {
    uint64_t t = now_ns(), d = t - last;
    if (d > NOISE_GAP_NS) {
      lost += d;
      if (d > worst) worst = d;
    }
    last = t;
  }
  printf("{\"lost_share\":%.5f,\"worst_ms\":%.3f}\n", (double)lost / (double)(last - start), (double)worst / 1e6);
  return 0;
}

static void make_request(void) {
  char *body = malloc((size_t)body_bytes + 512);
  int n = sprintf(body, "{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"#R00000000 ");
  while (n < body_bytes) body[n++] = 'x';
  n += sprintf(body + n, "\"}],\"stream_options\":{\"include_usage\":true},\"max_tokens\":%8ld,\"model\":\"bench\"}",
               max_tokens);
  request = malloc((size_t)n + 512);
  request_len = sprintf(request,
                        "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\n"
                        "accept: text/event-stream\r\ncontent-length: %d\r\n\r\n",
                        port, n);
  memcpy(request + request_len, body, (size_t)n);
  mark_at = (int)(strstr(body, "#R") - body) + 2 + request_len;
  length_at = (int)(strstr(body, "\"max_tokens\":") - body) + 13 + request_len;
  request_len += n;
  free(body);
}

static void send_next(conn_t *c) {
  if (sent >= n_requests) return;
  long length = stagger && sent < n_conns ? 1 + sent * max_tokens / n_conns : max_tokens;
  for (int i = 7; i >= 0; i--, length /= 10) request[length_at + i] = length ? (char)('0' + length % 10) : ' ';
  long mark = sent++;
  for (int i = 7; i >= 0; i--, mark /= 10) request[mark_at + i] = (char)('0' + mark % 10);
  int at = 0;
  while (at < request_len) {
    ssize_t n = send(c->fd, request + at, (size_t)(request_len - at), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) die("send");
    if (n > 0) at += (int)n;
  }
}

static void count_lateness(const char *digits, uint64_t stamp) {
  uint64_t v = 0;
  for (int i = 0; i < 19; i++) v = v * 10 + (uint64_t)(digits[i] - '0');
  uint64_t us = stamp > v ? (stamp - v) / 1000 : 0;
  late_h[us < HIST ? us : HIST - 1]++;
}

static void on_readable(conn_t *c) {
  static char buf[HELD_BYTES + READ_BYTES];
  static const char key[] = "\"content\":\"";
  memcpy(buf, c->held, c->held_len);
  ssize_t n = recv(c->fd, buf + c->held_len, READ_BYTES, 0);
  uint64_t stamp = now_ns();
  if (n < 0 && errno == EAGAIN) return;
  if (n <= 0) die("connection lost");
  reads++;
  char *p = buf, *end = buf + c->held_len + n;
  uint64_t before = tokens;
  while (!c->done) {
    char *stop = memmem(p, (size_t)(end - p), "\n\n", 2);
    if (!stop) break;
    char *hit = memmem(p, (size_t)(stop - p), key, sizeof key - 1);
    if (hit) {
      if (hit[sizeof key - 1] != '"') {
        tokens++;
        if (lateness && sent < n_requests) count_lateness(hit + sizeof key, stamp);
      }
    } else if (memmem(p, (size_t)(stop - p), "data: [DONE]", 12)) c->done = 1;
    events++;
    p = stop + 2;
  }
  if (tokens - before > 1) merged++;
  if (c->done) {
    char *stop = memmem(p, (size_t)(end - p), "\r\n0\r\n\r\n", 7);
    if (stop) {
      c->done = 0;
      p = stop + 7;
      answered++;
      send_next(c);
    }
  }
  c->held_len = (size_t)(end - p);
  if (c->held_len > HELD_BYTES) die("event too long");
  memcpy(c->held, p, c->held_len);
}

static double quantile_ms(double q) {
  uint64_t total = 0, seen = 0;
  for (int i = 0; i < HIST; i++) total += late_h[i];
  if (!total) return -1;
  uint64_t want = (uint64_t)(q * (double)total);
  if (want >= total) want = total - 1;
  for (int i = 0; i < HIST; i++)
    if ((seen += late_h[i]) > want) return i / 1000.0;
  return HIST / 1000.0;
}

static void connect_one(conn_t *c) {
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int one = 1;
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&a, sizeof a)) die("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  if (epoll_ctl(epfd, EPOLL_CTL_ADD, c->fd, &e)) die("epoll_ctl");
}

int main(int argc, char **argv) {
  for (int i = 1; i < argc; i++) {
    if (!strcmp(argv[i], "--lateness")) {
      lateness = 1;
      continue;
    }
    if (!strcmp(argv[i], "--stagger")) {
      stagger = 1;
      continue;
    }
    if (i + 1 >= argc) return 2;
    const char *a = argv[i];
    long v = atol(argv[++i]);
    if (!strcmp(a, "--noise")) return noise(v);
    if (!strcmp(a, "--calibrate")) return calibrate(v);
    if (!strcmp(a, "--port")) port = (int)v;
    else if (!strcmp(a, "--connections")) n_conns = (int)v;
    else if (!strcmp(a, "--requests")) n_requests = v;
    else if (!strcmp(a, "--max-tokens")) max_tokens = v;
    else if (!strcmp(a, "--body-bytes")) body_bytes = v;
    else return fprintf(stderr, "client: bad option %s\n", a), 2;
  }
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  make_request();
  epfd = epoll_create1(EPOLL_CLOEXEC);
  conn_t *conns = calloc((size_t)n_conns, sizeof *conns);
  for (int i = 0; i < n_conns; i++) connect_one(&conns[i]);
  double cpu = cpu_s();
  uint64_t start = now_ns();
  for (int i = 0; i < n_conns; i++) send_next(&conns[i]);
  static struct epoll_event ready[1024];
  while (answered < n_requests) {
    int n = epoll_wait(epfd, ready, 1024, 10000);
    if (n <= 0) die("no answer for 10 s");
    for (int i = 0; i < n; i++) on_readable(ready[i].data.ptr);
  }
  double wall = (double)(now_ns() - start) / 1e9;
  cpu = cpu_s() - cpu;
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  printf("{\"requests\":%ld,\"tokens\":%lu,\"events\":%lu,\"reads\":%lu,\"merged_reads\":%lu,\"wall_s\":%.6f,"
         "\"cpu_s\":%.6f,\"late_p50_ms\":%.3f,\"late_p99_ms\":%.3f,\"late_max_ms\":%.3f,\"rss_kb\":%ld}\n",
         answered, tokens, events, reads, merged, wall, cpu, quantile_ms(.5), quantile_ms(.99), quantile_ms(1),
         u.ru_maxrss);
  return 0;
}
