#ifndef HAUL_TEST_BLOCKED_H
#define HAUL_TEST_BLOCKED_H

/*
 * Lets a test wait until other threads block, without sleeping: it counts how often a thread has
 * begun to wait for a condition. The count goes up while the thread still holds the lock, so that
 * whoever takes that lock afterwards finds the thread waiting.
 *
 * Needs -Wl,--wrap=uv_cond_wait,--wrap=uv_cond_timedwait at the link.
 */

/* How many waits have begun so far, in all threads. */
int blocked_count(void);

/* Returns when at least `count` waits have begun since the program's start. */
void blocked_await(int count);

#endif
