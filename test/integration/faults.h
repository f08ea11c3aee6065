#ifndef HAUL_TEST_FAULTS_H
#define HAUL_TEST_FAULTS_H

#include <stdbool.h>

#include "harness.h"
#include "servers.h"

/*
 * The server's catalogue of faults, walked: what haul says about each of them must be what the
 * catalogue says (its meaning is told in test/server/catalogue.h), and the next URL on the same
 * worker must get its own bytes.
 *
 * Here is the catalogue as it is read, and how one is asked for; fault_score.h compares.
 */

enum { FAULTS_MAX = 2000, CONTROL_SIZE = 1000 };

struct fault {
    const char *name, *scheme, *listener, *method, *path, *needs, *outcome, *reason, *size, *text;
    bool verified;
};

extern struct fault faults[FAULTS_MAX];
extern size_t fault_count;

/* How this case plays them; each case, being a process, begins with none of it. */
extern bool over_tls;          /* [set by play_over_tls] the plain faults over TLS instead */
extern bool leave_out_http2;   /* where those of HTTP/2 would be the same once more */
extern bool leave_out_surplus; /* what sends more bytes than its answer has */

/* Unchecked fixture: the server, and its catalogue. Its end is it_end_server. */
void begin_faults(void);

/* The same with arguments for the server. */
void begin_faults_with(const char *const *args);

struct fault *fault_named(const char *name);

/* Does it have that word of `needs`? */
bool needs(const struct fault *f, const char *word);

/* Is `word` among those of `list`, which are parted by `separator`? */
bool has_word(const char *list, char separator, const char *word);

/* They need options of their own: test_continue and test_save_names play them. */
bool is_played_elsewhere(const struct fault *f);

bool is_http2(const struct fault *f);
bool is_played_over_tls(const struct fault *f);

/* From here on, over_tls. What leads to a plain port has another end then. */
void play_over_tls(void);

/* Where it is asked for; `mark` is one more parameter. */
const char *url_of(const struct fault *f, const char *mark);

/* A good answer of the same origin, so that it may get the same connection. */
const char *control_of(const struct fault *f);

/*
 * Does it go with others in one batch? Some that need an own option of the whole run stay out, and
 * what comes late by its own clock: whether it meets an idle connection is chance, and where it
 * does not, no client can tell.
 */
bool fits_a_batch(const struct fault *f);

/* Fills `order` with those that fit a batch, in an order that `seed` decides. Returns how many. */
size_t shuffle(const struct fault **order, uint64_t seed);

#endif
