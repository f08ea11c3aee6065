#include "input/robots_paths.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "input/text.h"
#include "input/url.h"

enum {
    BYTES_PER_STEP = 16 /* that memchr and memcmp look at while others look at one */
};

struct run {
    uint32_t at, len; /* in octets and borders */
};

struct pattern {
    uint32_t first_run;  /* there is always one; it may be empty, others are not */
    uint32_t run_count;  /* "*" stands between each and the next */
    uint32_t octets_len; /* of all its runs: no shorter URL matches */
    uint32_t weight;     /* its length as people see it */
    bool is_open;        /* anything may follow: it has no "$", or "*" before that */
    bool allows;
};

/* A URL that is looked at. */
struct subject {
    const char *octets;
    size_t len;
    int64_t steps; /* made so far */
};

void haul_robots_paths_init(struct haul_robots_paths *paths)
{
    haul_buf_init(&paths->octets, 0);
    haul_buf_init(&paths->borders, 0);
    haul_buf_init(&paths->runs, 0);
    haul_buf_init(&paths->patterns, 0);
}

void haul_robots_paths_done(struct haul_robots_paths *paths)
{
    haul_buf_done(&paths->octets);
    haul_buf_done(&paths->borders);
    haul_buf_done(&paths->runs);
    haul_buf_done(&paths->patterns);
}

size_t haul_robots_paths_size(const struct haul_robots_paths *paths)
{
    return paths->octets.cap + paths->borders.cap + paths->runs.cap + paths->patterns.cap;
}

static const uint16_t *borders_of(const struct haul_robots_paths *paths, const struct run *run)
{
    return (const uint16_t *)(const void *)paths->borders.data + run->at;
}

/* ---- making ---- */

/* Whether a URL can hold the octet as it is: it is unreserved or reserved (RFC 3986, 2.2, 2.3). */
static bool stands_for_itself(char octet)
{
    return octet == '#' || (octet != '%' && haul_text_is(octet, HAUL_IN_PATH));
}

/* What it counts where several match, and how many octets it wants. */
static void measure(struct haul_span path, struct pattern *pattern)
{
    for (size_t at = 0; at < path.len;) {
        pattern->octets_len += path.at[at] != '*';
        pattern->weight += stands_for_itself(haul_text_decode_byte(path, &at)) ? 1 : 3;
    }
}

/* Of the run's last octet, which is new and not its first. `before`: of the one before. */
static uint16_t border_of_last(const struct haul_robots_paths *paths, const struct run *run,
                               uint16_t before)
{
    const char *octets = paths->octets.data + run->at;
    const uint16_t *borders = borders_of(paths, run);
    uint16_t border = before;

    while (border && octets[border] != octets[run->len - 1])
        border = borders[border - 1];
    return octets[border] == octets[run->len - 1] ? (uint16_t)(border + 1) : 0;
}

static void add_run(struct haul_robots_paths *paths, struct haul_span text)
{
    struct run run = {.at = (uint32_t)paths->octets.len};
    uint16_t border = 0;

    for (size_t at = 0; at < text.len;) {
        haul_buf_add_char(&paths->octets, haul_text_decode_byte(text, &at));
        if (paths->octets.err || paths->borders.err)
            return;
        if (++run.len > 1)
            border = border_of_last(paths, &run, border);
        haul_buf_add(&paths->borders, &border, sizeof border);
    }
    haul_buf_add(&paths->runs, &run, sizeof run);
}

void haul_robots_paths_add(struct haul_robots_paths *paths, struct haul_span path, bool allows)
{
    struct pattern pattern = {.first_run = (uint32_t)(paths->runs.len / sizeof(struct run)),
                              .is_open = true,
                              .allows = allows};
    struct haul_span run;
    bool is_last;

    measure(path, &pattern);
    if (path.len && path.at[path.len - 1] == '$') {
        path.len--;
        pattern.octets_len--;
        pattern.is_open = false;
    }
    /* No URL is as long. And so a border fits into 16 bits. */
    if (pattern.octets_len > HAUL_URL_MAX)
        return;
    do {
        is_last = !haul_span_take_before(&path, '*', &run);
        if (is_last)
            run = path;
        if (run.len || !pattern.run_count) {
            add_run(paths, run);
            pattern.run_count++;
        } else if (is_last) {
            pattern.is_open = true;
        }
    } while (!is_last);
    haul_buf_add(&paths->patterns, &pattern, sizeof pattern);
}

static int compare(const void *a, const void *b)
{
    const struct pattern *one = a, *other = b;

    if (one->weight != other->weight)
        return one->weight > other->weight ? -1 : 1;
    return (int)other->allows - (int)one->allows;
}

enum haul_err haul_robots_paths_finish(struct haul_robots_paths *paths)
{
    if (paths->octets.err || paths->borders.err || paths->runs.err || paths->patterns.err)
        return HAUL_ERR_NOMEM;
    if (paths->patterns.len)
        qsort(paths->patterns.data, paths->patterns.len / sizeof(struct pattern),
              sizeof(struct pattern), compare);
    return HAUL_OK;
}

/* ---- comparing ---- */

static void count_bytes(struct subject *subject, size_t len)
{
    subject->steps += (int64_t)(len / BYTES_PER_STEP);
}

/* Looks for the run from *at on. True: *at is behind the first place where it stands. */
static bool find(const struct haul_robots_paths *paths, const struct run *run,
                 struct subject *subject, size_t *at)
{
    const char *octets = paths->octets.data + run->at, *next;
    const uint16_t *borders = borders_of(paths, run);
    size_t found = 0, passed;

    while (found < run->len && *at < subject->len) {
        subject->steps++;
        if (found && subject->octets[*at] == octets[found]) {
            found++;
            ++*at;
        } else if (found) {
            found = borders[found - 1];
        } else {
            next = memchr(subject->octets + *at, octets[0], subject->len - *at);
            passed = next ? (size_t)(next - subject->octets) : subject->len;
            count_bytes(subject, passed - *at);
            *at = passed + (next != NULL);
            found = next != NULL;
        }
    }
    return found == run->len;
}

static bool stands_at(const struct haul_robots_paths *paths, const struct run *run,
                      struct subject *subject, size_t at)
{
    count_bytes(subject, run->len);
    return run->len <= subject->len - at &&
           (!run->len || memcmp(subject->octets + at, paths->octets.data + run->at, run->len) == 0);
}

static bool matches(const struct haul_robots_paths *paths, const struct pattern *pattern,
                    struct subject *subject)
{
    const struct run *run = (const struct run *)(const void *)paths->runs.data + pattern->first_run;
    const struct run *last = run + pattern->run_count - 1;
    size_t at = run->len;

    if (pattern->octets_len > subject->len || !stands_at(paths, run, subject, 0))
        return false;
    if (run == last)
        return pattern->is_open || at == subject->len;
    while (++run < last)
        if (!find(paths, run, subject, &at))
            return false;
    if (pattern->is_open)
        return find(paths, run, subject, &at);
    return run->len <= subject->len - at && stands_at(paths, run, subject, subject->len - run->len);
}

bool haul_robots_paths_allow(const struct haul_robots_paths *paths, const char *octets, size_t len,
                             int64_t *steps)
{
    const struct pattern *patterns = (const struct pattern *)(const void *)paths->patterns.data;
    size_t count = paths->patterns.len / sizeof *patterns, i = 0;
    struct subject subject = {.octets = octets, .len = len};
    bool allows = true;

    for (; i < count && subject.steps <= HAUL_ROBOTS_STEPS_MAX; i++) {
        subject.steps++;
        if (matches(paths, &patterns[i], &subject)) {
            allows = patterns[i].allows;
            break;
        }
    }
    *steps = subject.steps;
    return allows && subject.steps <= HAUL_ROBOTS_STEPS_MAX;
}
