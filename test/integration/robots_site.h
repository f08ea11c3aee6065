#ifndef HAUL_TEST_ROBOTS_SITE_H
#define HAUL_TEST_ROBOTS_SITE_H

#include <stdbool.h>

#include "batch.h"

/* What the test server's /robots.txt is, for the tests of --robots obey. */

#define OBEY "--robots obey --retry-delay 1ms"
#define COUNT(array) ((int)(sizeof(array) / sizeof *(array)))

enum { ROBOTS_ADDRESSES = 12 }; /* of the port `many` */

/* A test case with the test server. */
TCase *robots_case(const char *name);

/* Of that Host, or of all others if it is "": as if `target` had been asked for. */
void set_robots(const char *host, const char *target);

/* A resource of that text, with further options behind it. */
const char *rules(const char *text, const char *options);

/* The Host of the server's two origins. */
const char *first_host(void);
const char *second_host(void);

/* How often a path of that beginning was asked for. */
size_t asked(const char *prefix);

void assert_verdict(const json_t *row, const char *verdict);

#endif
