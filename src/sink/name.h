#ifndef HAUL_SINK_NAME_H
#define HAUL_SINK_NAME_H

#include <stdint.h>

#include "base/buf.h"
#include "haul/record.h"

/*
 * Under which name a body is saved: a relative path, made of the URL that the list gave, or of what
 * the list said itself. Of what a server says, nothing goes into it but an extension of a table of
 * haul's own. Pure; any thread; nothing is written.
 *
 * The form of a name is "path" (host, directories and file as in the URL), "flat" (the file alone),
 * or a template: text in which these stand for
 *
 *   {host}        host, with the port if it is not the scheme's own
 *   {path}        the directories of the URL's path, as directories; there may be none
 *   {name}        the last part of the path with the query; "index.html" if the path ends in "/"
 *   {file}        the same without the query
 *   {stem}        that without its extension
 *   {ext}         that extension, with its dot, or nothing
 *   {n}           the number of the line among all lines of the run, from 1
 *   {line}        its number in its list
 *   {n:06}        the same, filled up with zeros to so many digits; {line:06}, too
 *   {sha256}      the digest of the body, in hexadecimal: known at the end only
 *   {sha256:2}/   its first digits, as a directory
 *   {type-ext}    the extension for the type that the server says, if the last part has none so far
 *                 (an extension has a letter): also known at the end only
 *   {col:NAME}    what the list attaches to the URL under that name: a column of a table
 *   {date}        the day on which the run began, as 2024-02-29 (UTC)
 *
 * "path" is {host}/{path}/{name}, and "flat" is {name}. (How a form is read: name_form.h. What is
 * known at the end only: name_late.h.)
 *
 * Parts of a URL are percent-decoded, and then A-Z a-z 0-9 . _ - stay, and every other byte becomes
 * %NN; so it is with what a column has, which is not decoded. Text of a template is the user's own,
 * and stays. In names that the list gives what can be seen stays (base/visible.h), whatever its
 * script; C1 controls, bidirectional, invisible and separating characters, and bytes that are not
 * UTF-8 become %NN. For all of them:
 * no part is empty, "." or "..", begins with a dot or a dash (these two become %2E and %2D), holds
 * a control character, or is longer than HAUL_NAME_PART_MAX bytes; what would be is cut and gets
 * "~" and 16 hexadecimal digits of a hash of the whole part in front of its extension. A name with
 * more than HAUL_NAME_PARTS_MAX parts or HAUL_NAME_MAX bytes keeps its first and its last part, and
 * a hash instead of what is between them. Where the form has {sha256:N}, other parts that consist
 * of N hexadecimal digits get a hash, too: of directories, and of whole names that hold no digest.
 *
 * Different URLs may have the same name: the fields of a template leave things out, http and https
 * are alike, and so are %41 and A. So a name comes in variants: 0 is the plain one, 1 has "~" and a
 * the hash of the URL in front of the extension, and n has that and "-n". Who gives names out takes
 * the first variant that is not taken (sink/naming.h).
 */
enum { HAUL_NAME_PART_MAX = 200, HAUL_NAME_PARTS_MAX = 64, HAUL_NAME_MAX = 2000 };

/*
 * How names that lists give are spelled. Earlier versions let what cannot be seen in them stay as
 * it was; what they have saved is found with that spelling, and nothing is saved with it.
 */
enum haul_name_spelling { HAUL_NAME_NOW, HAUL_NAME_EARLIER };

/* Whether what a list says is called as it is said: false for what it can have no file called
 * today. */
bool haul_name_is_spelled_now(const char *name);

struct haul_name_facts {
    const char *url;  /* as requested: absolute, without userinfo (input/url.h) */
    uint64_t hash;    /* what variants have in them: of the URL, hidden parts included */
    const char *out;  /* the list's own name, or NULL: made by the form */
    const char *dir;  /* the list's own directory for it, or NULL */
    uint64_t number;  /* {n} */
    uint64_t line;    /* {line} */
    const char *date; /* {date} */
    const struct haul_attached *attached; /* {col:NAME}; or NULL */
    size_t attached_count;
    enum haul_name_spelling spelling;
};

/*
 * Appends a name to `name`, which must be empty. `form` is one that haul_name_check
 * (name_form.h) accepts. NONE; BAD_NAME: `out` or `dir` is empty, absolute, has a part "..", or
 * holds a control character; or the form has {col:NAME} of something that is not attached;
 * NO_MEMORY.
 */
enum haul_reason haul_name_build(const char *form, const struct haul_name_facts *facts,
                                 unsigned variant, struct haul_buf *name);

/*
 * Appends `part`, one part of a name, changed so that it differs from what it was: with "~" and the
 * hash in front of its extension, and "-n" if `variant` is over 1.
 */
void haul_name_add_marked(struct haul_buf *buf, const char *part, size_t len, uint64_t hash,
                          unsigned variant);

#endif
