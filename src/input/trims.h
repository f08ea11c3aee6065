#ifndef HAUL_INPUT_TRIMS_H
#define HAUL_INPUT_TRIMS_H

#include <stdint.h>

#include "base/buf.h"
#include "input/lines.h"

/*
 * How many URLs of one input came with characters around them that cannot be seen, and were left
 * out (haul_lines_classify): told once, when the input has come to its end. Pure; all zero is none.
 */
struct haul_trims {
    uint64_t count; /* entries */
    uint64_t line;  /* of the first, or 0 */
    uint32_t code;  /* of the first of them */
};

/* Looks whether the entry is one. */
void haul_trims_note(struct haul_trims *trims, const struct haul_list_entry *entry);

/* Appends what there is to tell as a phrase; nothing if there is nothing. */
void haul_trims_add(const struct haul_trims *trims, struct haul_buf *words);

/* Appends that with the name of the input and the line before it, behind what `words` have. */
void haul_trims_tell(const struct haul_trims *trims, const char *name, struct haul_buf *words);

#endif
