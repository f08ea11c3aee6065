#ifndef HAUL_INPUT_USERINFO_H
#define HAUL_INPUT_USERINFO_H

#include <stdbool.h>

#include "base/buf.h"
#include "input/text.h"

/*
 * Appends to `to` a text that could not be read as a URL, without whatever may be a user name and a
 * password: what stands before '@' at its start, after "//" or after ":/". The text may be
 * malformed in any way, so rather too much is left out than too little. The result is not escaped.
 *
 * With `cut` the text is the beginning of a longer one, and a last part that may become userinfo
 * there is left out, too. Pure; errors are in `to`.
 */
void haul_userinfo_hide(struct haul_buf *to, struct haul_span text, bool cut);

/*
 * Overwrites with "*" in place what haul_userinfo_hide leaves out, but for each '@' that ends it.
 * For arguments of the command line, which others can see. Any text that ends in NUL.
 */
void haul_userinfo_mask(char *text);

#endif
