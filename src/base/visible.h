#ifndef HAUL_BASE_VISIBLE_H
#define HAUL_BASE_VISIBLE_H

#include <stddef.h>
#include <stdint.h>

#include "base/span.h"

/*
 * Text that others give and people will read as a name: what of it can be seen for what it is, and
 * what only deceives. Pure, any thread, no locale.
 *
 * Visible is every character of well-formed UTF-8 but controls (C0, DEL, C1), separators of lines
 * and paragraphs, bidirectional controls, tags, noncharacters, and what has no width and no shape,
 * such as zero width space, soft hyphen, byte order mark. What has none by itself, but shapes what
 * stands beside it, is visible where it does, and deceives elsewhere (Unicode annex 31, 2.3, and
 * standard 39, 3.1.1):
 *
 *   U+200C, U+200D  zero width non-joiner and joiner: in scripts whose letters join or stack
 *                   (Arabic, Syriac, Mongolian, those of India and around it), between two letters
 *                   or marks, and behind a virama wherever that stands; the joiner also between two
 *                   pictographs, with their modifiers: that is how families are written
 *   U+180B..180D, U+180F  variation selectors of Mongolian, behind a letter of it
 *   U+115F, U+1160  fillers of Hangul, beside a jamo
 */

/*
 * Bytes of the visible character that begins `at` bytes into the `len` bytes at `text`, where
 * `at` < `len`; 0: what is there is none. What stands before and behind it is looked at, too.
 */
size_t haul_visible_length(const char *text, size_t len, size_t at);

/*
 * The text without what came along at its ends as it was copied: white space of any script (as
 * haul_utf8_is_space has it), joiners where they deceive, and characters of format that no script
 * needs, such as zero width space, soft hyphen, direction marks, byte order mark; and blanks among
 * them. What writing may end in stays, seen or not: fillers, selectors and tags (of emoji and
 * ideographs), what is no UTF-8; and so does a control character, but for tab.
 *
 * *code: the first of these that is not ASCII; 0: there was none, and blanks alone are left to
 * haul_span_trim: then the text is returned as it is. An empty text has nothing to lose. Looks at
 * the ends only.
 */
struct haul_span haul_visible_trim(struct haul_span text, uint32_t *code);

#endif
