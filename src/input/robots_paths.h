#ifndef HAUL_INPUT_ROBOTS_PATHS_H
#define HAUL_INPUT_ROBOTS_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/span.h"
#include "haul/err.h"

/*
 * The paths of the rules of a robots.txt (robots_rules.h says what they mean), made ready to be
 * compared with many a URL's. Pure.
 *
 * A path is divided at its "*" into runs of octets. The first stands at the path's begin; each
 * other one is looked for behind the one before, and the first place where it is found is the best
 * one, since what follows has the most room then. So nothing is ever tried twice, and with each run
 * found in linear time (Knuth, Morris, Pratt) a path takes linear time. That is why every octet of
 * a run has the length of the longest begin of the run that ends with it.
 */

/*
 * Work for one verdict, in steps: a rule looked at, an octet compared, or sixteen of those that
 * memchr and memcmp pass. Each takes about 2 ns. It suffices for 10^5 rules of which none holds
 * "*", whatever the URL, or for 1,000 searches through all of a URL of 2,000 bytes, each of which
 * compares every octet of it twice.
 */
enum { HAUL_ROBOTS_STEPS_MAX = 1 << 22 };

struct haul_robots_paths {
    struct haul_buf octets;   /* of all runs, decoded */
    struct haul_buf borders;  /* of uint16_t, one for each octet */
    struct haul_buf runs;     /* of struct run */
    struct haul_buf patterns; /* of struct pattern; once sorted, the first that matches decides */
};

/* Makes none. Allocates nothing. */
void haul_robots_paths_init(struct haul_robots_paths *paths);

/* Frees them; empty again. */
void haul_robots_paths_done(struct haul_robots_paths *paths);

/*
 * Adds the path of a rule, as it stands in the file and not empty. What can match no URL of haul's
 * is left out. Before haul_robots_paths_finish, which says whether there was memory for all.
 */
void haul_robots_paths_add(struct haul_robots_paths *paths, struct haul_span path, bool allows);

/* Orders them. HAUL_ERR_NOMEM: they are not all there. */
HAUL_MUST_USE enum haul_err haul_robots_paths_finish(struct haul_robots_paths *paths);

/*
 * The verdict on a URL's path and query, decoded, `len` bytes; *steps is set to the work it was.
 * More than HAUL_ROBOTS_STEPS_MAX: it was given up, and is false. After haul_robots_paths_finish;
 * any number of threads.
 */
bool haul_robots_paths_allow(const struct haul_robots_paths *paths, const char *octets, size_t len,
                             int64_t *steps);

/* Bytes of memory, without the struct itself. */
size_t haul_robots_paths_size(const struct haul_robots_paths *paths);

#endif
