#include "faults.h"

#include <stdlib.h>
#include <string.h>

struct fault faults[FAULTS_MAX];
size_t fault_count;
bool over_tls, leave_out_http2, leave_out_surplus;

/* ---- the catalogue ---- */

/* Cuts the next cell off; the last one ends with the line. */
static const char *take_cell(char **at)
{
    char *cell = *at;
    size_t len = strcspn(cell, "\t\n");

    *at = cell + len + (cell[len] != '\0');
    cell[len] = '\0';
    return cell;
}

static void read_catalogue(void)
{
    struct it_run run = it_call(
        &(struct it_call){.program = getenv("HAUL_TESTSERVER"), .argv = IT_ARGS("--list-faults")});
    char *text = strdup(run.out), *at = text;

    ck_assert_int_eq(run.status, 0);
    ck_assert_ptr_nonnull(text);
    at = strchr(at, '\n') + 1;
    for (fault_count = 0; *at; fault_count++) {
        struct fault *f = &faults[fault_count];

        ck_assert_uint_lt(fault_count, FAULTS_MAX);
        f->name = it_text("%s", take_cell(&at));
        f->scheme = it_text("%s", take_cell(&at));
        f->listener = it_text("%s", take_cell(&at));
        f->method = it_text("%s", take_cell(&at));
        f->path = it_text("%s", take_cell(&at));
        f->needs = it_text("%s", take_cell(&at));
        f->outcome = it_text("%s", take_cell(&at));
        f->reason = it_text("%s", take_cell(&at));
        f->size = it_text("%s", take_cell(&at));
        f->verified = strcmp(take_cell(&at), "1") == 0;
        f->text = it_text("%s", take_cell(&at));
    }
    free(text);
}

void begin_faults_with(const char *const *args)
{
    it_begin_server_with(args);
    read_catalogue();
}

void begin_faults(void)
{
    it_begin_server();
    read_catalogue();
}

bool has_word(const char *list, char separator, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = list; *at; at++) {
        bool begins = at == list || at[-1] == separator;

        if (begins && strncmp(at, word, len) == 0 && (at[len] == separator || !at[len]))
            return true;
    }
    return false;
}

bool needs(const struct fault *f, const char *word)
{
    return has_word(f->needs, ',', word);
}

bool is_played_elsewhere(const struct fault *f)
{
    return needs(f, "resume") || needs(f, "save");
}

struct fault *fault_named(const char *name)
{
    for (size_t i = 0; i < fault_count; i++)
        if (strcmp(faults[i].name, name) == 0)
            return &faults[i];
    ck_abort_msg("the catalogue has no %s", name);
    return NULL;
}

/* ---- how they are asked for ---- */

void play_over_tls(void)
{
    static const struct {
        const char *name, *reason;
    } other[] = {{"redirect-relative-scheme", "tls"},    {"redirect-userinfo", "downgrade"},
                 {"redirect-refused", "downgrade"},      {"redirect-port", "downgrade"},
                 {"redirect-unknown-host", "downgrade"}, {"redirect-blackhole", "downgrade"}};

    over_tls = true;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        struct fault *f = fault_named(other[i].name);

        f->outcome = "failed";
        f->reason = other[i].reason;
    }
}

bool is_http2(const struct fault *f)
{
    return strcmp(f->listener, "h2") == 0;
}

bool is_played_over_tls(const struct fault *f)
{
    if (strcmp(f->scheme, "https") == 0)
        return strcmp(f->listener, "tls") == 0;
    return over_tls && strcmp(f->listener, "http") == 0;
}

const char *url_of(const struct fault *f, const char *mark)
{
    bool tls = is_played_over_tls(f);

    return it_text("%s://127.0.0.1:%d%s%c%s", tls ? "https" : f->scheme,
                   it_port(tls ? "tls" : f->listener), f->path, strchr(f->path, '?') ? '&' : '?',
                   mark);
}

/* Has its listener good answers, too, that only it gives? */
static bool serves_others(const struct fault *f)
{
    return has_word("h2|tls-forged|tls12", '|', f->listener);
}

const char *control_of(const struct fault *f)
{
    const char *path = it_text("/size?n=%d&behind=%s", CONTROL_SIZE, f->name);

    if (serves_others(f))
        return it_text("%s://127.0.0.1:%d%s", f->scheme, it_port(f->listener), path);
    if (is_played_over_tls(f))
        return it_text("https://127.0.0.1:%d%s", it_port("tls"), path);
    return it_url("%s", path);
}

/* ---- many at once ---- */

/* A plain listener waits for the end of a line, and the greeting of TLS has
 * none. */
static bool is_slow(const struct fault *f)
{
    return strcmp(f->name, "tls-to-plain") == 0 || needs(f, "time") || needs(f, "deadline") ||
           needs(f, "stall") || needs(f, "retries");
}

bool fits_a_batch(const struct fault *f)
{
    if ((leave_out_surplus && needs(f, "reuse")) || (leave_out_http2 && is_http2(f)))
        return false;
    return !needs(f, "late") && !needs(f, "alone") && !is_played_elsewhere(f) && !is_slow(f) &&
           !needs(f, "maxsize") && strcmp(f->method, "GET") == 0;
}

size_t shuffle(const struct fault **order, uint64_t seed)
{
    size_t count = 0;

    for (size_t i = 0; i < fault_count; i++)
        if (fits_a_batch(&faults[i]))
            order[count++] = &faults[i];
    for (size_t i = count; i > 1; i--) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        size_t other = (size_t)((seed >> 33) % i);
        const struct fault *swapped = order[i - 1];

        order[i - 1] = order[other];
        order[other] = swapped;
    }
    return count;
}
