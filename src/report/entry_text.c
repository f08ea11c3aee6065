#include "report/entry_text.h"

#include <string.h>

#include "base/ascii.h"
#include "base/span.h"
#include "model/secret_field.h"

static const char secret[] = "#", too_long[] = "#long";

/* ---- secrets ---- */

bool haul_entry_text_has_userinfo(const char *text)
{
    while ((text = strstr(text, "://"))) {
        text += strlen("://");
        if (text[strcspn(text, "@/?# \t\"<>")] == '@')
            return true;
    }
    return false;
}

static bool is_text_hidden(const char *text, const struct haul_redactor *redactor,
                           struct haul_buf *room)
{
    return text && (haul_entry_text_has_userinfo(text) ||
                    haul_redactor_hides(redactor, text, strlen(text), room));
}

/* What the redactor hides there is hidden already. */
static bool has_attached_userinfo(const struct haul_entry_options *options)
{
    for (size_t i = 0; i < options->attached_count; i++)
        if (haul_entry_text_has_userinfo(options->attached[i].value))
            return true;
    return false;
}

static bool has_secret_field(const struct haul_entry_options *options,
                             const struct haul_redactor *redactor, struct haul_buf *room)
{
    for (size_t i = 0; i < options->header_count; i++)
        if (haul_secret_field_tells_who_asks(options->headers[i]) ||
            is_text_hidden(options->headers[i], redactor, room))
            return true;
    return false;
}

static bool has_secret_mirror(const struct haul_entry_options *options,
                              const struct haul_redactor *redactor, struct haul_buf *room)
{
    for (size_t i = 0; i < options->mirror_count; i++) {
        const struct haul_mirror *mirror = &options->mirrors[i];

        if (mirror->user || mirror->password || is_text_hidden(mirror->url, redactor, room))
            return true;
    }
    return false;
}

bool haul_entry_text_has_secret(const struct haul_entry_options *options,
                                const struct haul_redactor *redactor, struct haul_buf *room)
{
    const char *const text[] = {options ? options->out : NULL, options ? options->dir : NULL,
                                options ? options->referer : NULL,
                                options ? options->user_agent : NULL,
                                options ? options->user : NULL};

    if (!options)
        return false;
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        if (is_text_hidden(text[i], redactor, room))
            return true;
    return options->password || has_attached_userinfo(options) ||
           (options->referer && strchr(options->referer, '@')) ||
           has_secret_field(options, redactor, room) || has_secret_mirror(options, redactor, room);
}

/* ---- the line of the URL ---- */

bool haul_entry_text_stands_alone(const char *url)
{
    if (*url == '\0' || *url == ' ' || *url == '#')
        return false;
    for (; *url; url++)
        if (haul_ascii_is_control(*url) || (*url == ' ' && (!url[1] || url[1] == '#')))
            return false;
    return true;
}

/* On which place of its line a label stands (aria2_list.h); 0: it is none. */
static size_t place_of(const struct haul_attached *attached)
{
    static const char before[] = "column";
    const char *digit = attached->name + sizeof before - 1;
    size_t place = 0;

    if (strncmp(attached->name, before, sizeof before - 1) != 0)
        return 0;
    for (; haul_ascii_is_digit(*digit) && place < HAUL_ENTRY_LINE_MAX; digit++)
        place = place * 10 + (size_t)(*digit - '0');
    return *digit || place > HAUL_ENTRY_LINE_MAX ? 0 : place;
}

/* The mirrors stand where no label does. */
static void add_cells(struct haul_buf *text, const struct haul_entry_options *options)
{
    size_t mirror = 0, label = 0;

    for (size_t place = 2; mirror < options->mirror_count || label < options->attached_count;) {
        size_t is_label = label < options->attached_count ? place_of(&options->attached[label]) : 0;

        if (label < options->attached_count && is_label < place) { /* it says something else */
            label++;
            continue;
        }
        haul_buf_add_char(text, '\t');
        if (is_label == place)
            haul_buf_add_str(text, options->attached[label++].value);
        else if (mirror < options->mirror_count)
            haul_buf_add_str(text, options->mirrors[mirror++].url);
        place++;
    }
}

/* ---- keys ---- */

static void add_key(struct haul_buf *text, const char *key, const char *value)
{
    if (value)
        haul_buf_addf(text, " %s=%s\n", key, value);
}

static void add_number(struct haul_buf *text, const char *key, int64_t number)
{
    if (number >= 0)
        haul_buf_addf(text, " %s=%lld\n", key, (long long)number);
}

static void add_seconds(struct haul_buf *text, const char *key, int64_t ms)
{
    add_number(text, key, ms >= 0 ? ms / 1000 : -1); /* they were whole ones */
}

static void add_keys(struct haul_buf *text, const struct haul_entry_options *options, bool is_named)
{
    add_key(text, "out", is_named ? NULL : options->out);
    add_key(text, "dir", is_named ? NULL : options->dir);
    add_key(text, "checksum", options->checksum);
    add_key(text, "referer", options->referer);
    add_key(text, "user-agent", options->user_agent);
    for (size_t i = 0; i < options->header_count; i++)
        add_key(text, "header", options->headers[i]);
    add_key(text, "http-user", options->user);
    add_number(text, "max-tries", options->max_tries);
    add_seconds(text, "retry-wait", options->retry_wait_ms);
    add_seconds(text, "timeout", options->timeout_ms);
    add_seconds(text, "connect-timeout", options->connect_timeout_ms);
    add_number(text, "lowest-speed-limit", options->speed_limit);
}

/* ---- the name of the file ---- */

/* What an entry ends with, if its name is not what it alone makes, and what follows then. */
static const char depends[] = "\n# its name depends on the rest of its list";
static const char said[] = ":\n out=";
static const char unsaid[] = ", and cannot be written in one\n";

/* Whether a list may hold it as it is: parts that only the body tells are control characters. */
static bool is_sayable(const char *name)
{
    size_t len = strlen(name);

    for (const char *at = name; *at; at++)
        if (haul_ascii_is_control(*at))
            return false;
    return len && !haul_ascii_is_blank(name[0]) && !haul_ascii_is_blank(name[len - 1]);
}

/* Appends that ending: of a line that has no newline so far. */
static void add_name(struct haul_buf *text, const char *name)
{
    haul_buf_add_str(text, depends);
    if (is_sayable(name))
        haul_buf_addf(text, "%s%s\n", said, name);
    else
        haul_buf_add_str(text, unsaid);
}

/* The same of an entry, or "". */
static const char *ending_of(const char *entry)
{
    const char *at = entry ? strstr(entry, depends) : NULL;

    return at ? at : "";
}

enum haul_entry_name haul_entry_text_name(const char *entry)
{
    const char *ending = ending_of(entry);

    if (!*ending)
        return HAUL_ENTRY_NAME_OWN;
    return strncmp(ending + sizeof depends - 1, said, sizeof said - 1) ? HAUL_ENTRY_NAME_UNSAID
                                                                       : HAUL_ENTRY_NAME_SAID;
}

/* ---- entries ---- */

/* `ending`: with the name of its file, or "". */
static void add_entry(struct haul_buf *text, const char *shown, const char *url,
                      const struct haul_entry_options *options, const char *ending)
{
    bool is_row = options && options->url_place, is_plain;
    bool is_named = haul_entry_text_name(ending) == HAUL_ENTRY_NAME_SAID;

    haul_buf_add_str(text, haul_entry_text_stands_alone(shown) ? shown : url);
    is_plain = strcmp(haul_buf_str(text), shown) == 0;
    if (options && !is_row)
        add_cells(text, options);
    haul_buf_add_char(text, '\n');
    if (text->len > HAUL_ENTRY_LINE_MAX) {
        haul_buf_clear(text);
        haul_buf_add_str(text, too_long);
        return;
    }
    is_plain = is_plain && text->len == strlen(shown) + 1;
    if (options && !is_row)
        add_keys(text, options, is_named);
    if (*ending)
        haul_buf_add_str(text, ending + 1); /* the newline is there */
    if (is_plain && text->len == strlen(shown) + 1)
        haul_buf_clear(text);
}

void haul_entry_text_note(struct haul_record *rec, const char *url,
                          const struct haul_entry_options *options, bool has_secret,
                          const char *name, struct haul_buf *text)
{
    struct haul_buf ending;

    haul_buf_init(&ending, 0);
    haul_buf_add_str(&ending, name ? "" : ending_of(rec->entry));
    if (name)
        add_name(&ending, name);
    haul_buf_clear(text);
    if (has_secret || (rec->entry && strcmp(rec->entry, secret) == 0))
        haul_buf_add_str(text, secret);
    else
        add_entry(text, rec->url, url, options, haul_buf_str(&ending));
    if (ending.err)
        text->err = ending.err;
    haul_buf_done(&ending);
    rec->entry = text->err ? NULL : haul_buf_str(text);
    rec->url_column = options ? options->url_column : NULL;
    rec->url_place = options ? options->url_place : 0;
}

void haul_entry_text_note_job(struct haul_job *job, struct haul_buf *text)
{
    haul_entry_text_note(&job->rec, job->url ? job->url : job->shown, job->options, job->has_secret,
                         job->is_named_by_list ? job->name : NULL, text);
}
