#ifndef HAUL_BASE_MESSAGE_H
#define HAUL_BASE_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/terminal.h"

/*
 * haul's one voice on standard error: lines "haul: TEXT", in which TEXT, which may hold anything,
 * is escaped for terminals and cut at 500 columns.
 */

/* Appends the line of a text of `len` bytes, its newline included. Pure; errors are in `buf`. */
void haul_message_add(struct haul_buf *buf, const struct haul_terminal *term, const char *text,
                      size_t len);

/*
 * The bytes of what was made in `made`, *len of them; or, where there was no memory for all of it,
 * a line that says so, for silence would say that nothing happened. Valid as long as `made`.
 */
const char *haul_message_bytes(const struct haul_buf *made, size_t *len);

/* Prints it. `term`: what standard error is. Whether somebody hears it is not told. One thread at a
 * time, or lines may mix; blocks while nobody reads. */
void haul_message_say(const struct haul_terminal *term, const char *text);

/* The same for each line of a text whose lines end with newlines, the last one perhaps not; for an
 * empty text nothing. */
void haul_message_say_lines(const struct haul_terminal *term, const char *text);

/* Begins another line of such a text, if there is something in it: each line of a message is one,
 * whoever has written the one before. */
void haul_message_next(struct haul_buf *message);

/* Prints bytes as they are. */
void haul_message_write(const char *bytes, size_t len);

/* The same, but waits for a reader only as haul_io_write_until does. False: nobody reads. */
bool haul_message_write_until(const char *bytes, size_t len, struct haul_patience *patience);

/*
 * Prints `erase` and the line of a text, if that can be done at once. Also beside a thread that
 * prints: each line is whole. False: it was not printed.
 */
bool haul_message_say_now(const struct haul_terminal *term, const char *erase, const char *text);

#endif
