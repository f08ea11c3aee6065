#ifndef HAUL_TEST_PLANTER_H
#define HAUL_TEST_PLANTER_H

#include "harness.h"
#include "servers.h"

/*
 * What another user has put into directories that everybody may write to, before haul comes as
 * root. The other user is `nobody`: what is planted is made by a process of his. Without root there
 * is no other user, and the whole program is skipped.
 *
 * Nothing here depends on time: a run that waits for a planter for ever ends with the case.
 */

enum { NOBODY = 65534 };
#define NOBODYS "another user (uid 65534)"

/* A directory as /tmp is, new in each case, and a file of root's that nobody else may read. */
extern const char *shared, *victim;
const char *in_shared(const char *name);

/* In a child: it is the other user from here on. */
void become_nobody(void);

/* What the planter does, in a process of his; 0: it worked. */
typedef int plant(const char *path);
void as_nobody(plant *what, const char *path);

plant plant_fifo, plant_empty, plant_directory;
plant plant_link;          /* to the victim */
plant plant_dangling_link; /* to where nothing is: it_path("made") */

/* A hard link to the victim needs the right to write, on most systems; as root, this one stands for
 * older systems. */
plant plant_hard_link;

/* Nothing was fetched, and why is told with the name of something in the shared directory. */
void check_refused(const struct it_run *run, const char *cause);

/* Main: each case has the server, and a shared directory of its own. */
int planted_main(const char *name, void (*add)(TCase *tcase));

#endif
