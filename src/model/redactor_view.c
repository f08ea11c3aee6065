#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "model/redactor_inside.h"

enum { STARS = 3 };

/* Where each second byte is hidden, the view has four bytes for two of the source. */
enum haul_err haul_redactor_view_init(struct haul_redactor_view *view, const char *text, size_t len)
{
    size_t most = 2 * len + STARS;

    *view = (struct haul_redactor_view){.source = text, .source_len = len};
    view->hidden = calloc(len, 1);
    view->text = malloc(most);
    view->origin = malloc(most * sizeof *view->origin);
    return view->hidden && view->text && view->origin ? HAUL_OK : HAUL_ERR_NOMEM;
}

void haul_redactor_view_done(struct haul_redactor_view *view)
{
    free(view->hidden);
    free(view->text);
    free(view->origin);
}

static void add(struct haul_redactor_view *view, char byte, size_t from, size_t to)
{
    view->text[view->len] = byte;
    view->origin[view->len++] = (struct haul_redactor_origin){from, to};
}

size_t haul_redactor_run_end(const struct haul_redactor_view *view, size_t at)
{
    size_t end = at + 1;

    while (end < view->source_len && view->hidden[end] == view->hidden[at])
        end++;
    return end;
}

void haul_redactor_view_begin(struct haul_redactor_view *view)
{
    size_t end;

    view->len = 0;
    view->depth = 0;
    for (size_t at = 0; at < view->source_len; at = end) {
        end = haul_redactor_run_end(view, at);
        for (size_t i = 0; view->hidden[at] && i < STARS; i++)
            add(view, '*', at, end);
        for (size_t i = at; !view->hidden[at] && i < end; i++)
            add(view, view->source[i], i, i + 1);
    }
}

bool haul_redactor_view_decode(struct haul_redactor_view *view)
{
    size_t was = view->len, used;

    if (view->depth == HAUL_REDACTOR_DEPTH || !memchr(view->text, '%', view->len))
        return false;
    view->depth++;
    view->len = 0;
    for (size_t at = 0; at < was; at += used) {
        const char *byte = view->text + at;
        int high = *byte == '%' && was - at > 2 ? haul_ascii_hex_value(byte[1]) : -1;
        int low = high >= 0 ? haul_ascii_hex_value(byte[2]) : -1;

        used = low >= 0 ? 3 : 1;
        add(view, low >= 0 ? (char)(high * 16 + low) : *byte, view->origin[at].from,
            view->origin[at + used - 1].to);
    }
    return view->len < was;
}

void haul_redactor_hide(struct haul_redactor_view *view, size_t from, size_t to)
{
    size_t begin;

    if (from >= to)
        return;
    begin = view->origin[from].from;
    memset(view->hidden + begin, 1, view->origin[to - 1].to - begin);
}

void haul_redactor_hide_word(struct haul_redactor_view *view, const char *word, size_t len)
{
    for (size_t at = 0; len <= view->len && at <= view->len - len; at++)
        if (view->text[at] == *word && memcmp(view->text + at, word, len) == 0)
            haul_redactor_hide(view, at, at + len);
}
