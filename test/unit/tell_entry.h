#ifndef HAUL_TEST_TELL_ENTRY_H
#define HAUL_TEST_TELL_ENTRY_H

#include "base/buf.h"
#include "input/entry.h"

/*
 * Appends a line with what a table says in one of its rows: "LINE [TEXT] NAME=VALUE !PROBLEM",
 * with as many of the pairs as are attached, and the problem if there is one.
 */
void tell_entry(struct haul_buf *to, const struct haul_list_entry *entry);

#endif
