#define _GNU_SOURCE /* memmem */
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

void haul_redactor_view_blank_plus(struct haul_redactor_view *view)
{
    for (size_t i = 0; i < view->len; i++)
        if (view->text[i] == '+')
            view->text[i] = ' ';
}

/* What of the source such a part of the view is. */
static struct haul_redactor_origin source_of(const struct haul_redactor_view *view, size_t from,
                                             size_t to)
{
    return (struct haul_redactor_origin){view->origin[from].from, view->origin[to - 1].to};
}

static bool is_hidden(const struct haul_redactor_view *view, struct haul_redactor_origin part)
{
    return !memchr(view->hidden + part.from, 0, part.to - part.from);
}

static void hide(struct haul_redactor_view *view, struct haul_redactor_origin part)
{
    memset(view->hidden + part.from, 1, part.to - part.from);
}

void haul_redactor_hide(struct haul_redactor_view *view, size_t from, size_t to)
{
    struct haul_redactor_origin part;

    if (from >= to)
        return;
    part = source_of(view, from, to);
    if (view->learn && !is_hidden(view, part))
        view->learn(view->learn_arg, view->source + part.from, part.to - part.from, false);
    hide(view, part);
}

void haul_redactor_hide_match(struct haul_redactor_view *view, size_t from, size_t to)
{
    struct haul_redactor_origin part;

    if (from >= to)
        return;
    part = source_of(view, from, to);
    if (view->learn)
        view->learn(view->learn_arg, view->source + part.from, part.to - part.from, true);
    hide(view, part);
}

void haul_redactor_hide_word(struct haul_redactor_view *view, const char *word, size_t len)
{
    const char *end = view->text + view->len, *at = view->text;

    while ((at = memmem(at, (size_t)(end - at), word, len))) {
        size_t from = (size_t)(at - view->text);

        hide(view, source_of(view, from, from + len));
        at++;
    }
}
