#include "cli/help.h"

#include <string.h>

#include "cli/option.h"
#include "model/version.h"

enum { WIDTH = 79, HELP_COLUMN = 30 };

static const char intro[] =
    "Usage: haul [OPTION]... [URL | @FILE | -]...\n"
    "       haul report [OPTION]... JOURNAL...\n"
    "       haul diff [OPTION]... OLD NEW\n"
    "       haul history [OPTION]... FILE [URL]...\n"
    "Fetch every URL of the command line and of lists; report the length of each.\n";

static const char outro[] =
    "\n"
    "A DURATION is in seconds (1.5) or has a unit (500ms 10s 2m 1h 1d). A SIZE is in\n"
    "bytes or has a unit (k M G T P, each 1024 times the one before).\n"
    "\n"
    "Each option may also stand in a configuration file (per-host = 2, quiet = yes)\n"
    "or in the environment (HAUL_PER_HOST=2, HAUL_QUIET=yes). The command line is\n"
    "stronger than the environment, and that than the file. HAUL_CONFIG may name it.\n"
    "\n"
    "Exit status: 0 all ok, 1 some failed, 2 wrong usage, 3 haul itself failed,\n"
    "4 a budget is exceeded, 5 the journal or history is locked, 75 only failures\n"
    "that may pass, 128+n stopped by signal n. The manual, haul(1), tells the rest.\n";

/* Where the cursor is, to break lines between words. */
struct column {
    struct haul_buf *buf;
    size_t at;
};

static void add_word(struct column *column, const char *word, size_t len)
{
    if (column->at > HELP_COLUMN && column->at + 1 + len > WIDTH) {
        haul_buf_add_char(column->buf, '\n');
        haul_buf_pad(column->buf, ' ', HELP_COLUMN);
        column->at = HELP_COLUMN;
    } else if (column->at > HELP_COLUMN) {
        haul_buf_add_char(column->buf, ' ');
        column->at++;
    }
    haul_buf_add(column->buf, word, len);
    column->at += len;
}

static void add_words(struct column *column, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, " ");

        add_word(column, text, len);
        text += len + (text[len] == ' ');
    }
}

/* "  -j, --jobs N": the left side of a row. */
static void add_form(struct haul_buf *buf, const struct haul_option *option)
{
    if (option->letter)
        haul_buf_addf(buf, "  -%c, ", option->letter);
    else
        haul_buf_add_str(buf, "      ");
    haul_buf_addf(buf, "--%s%s", option->arg == HAUL_OPTION_ARG_SWITCH ? "[no-]" : "",
                  option->name);
    if (option->metavar && option->arg != HAUL_OPTION_ARG_REQUIRED)
        haul_buf_addf(buf, "[=%s]", option->metavar);
    else if (option->metavar)
        haul_buf_addf(buf, " %s", option->metavar);
}

/* "(also -s, --silent; default 8)", as far as there is something to say. */
static void add_remarks(struct haul_buf *text, const struct haul_option *option)
{
    const char *before = " (also ";
    size_t i;

    if (option->letter_alias) {
        haul_buf_addf(text, "%s-%c", before, option->letter_alias);
        before = ", ";
    }
    for (i = 0; i < HAUL_OPTION_ALIASES_MAX && option->alias[i]; i++) {
        haul_buf_addf(text, "%s--%s", before, option->alias[i]);
        before = ", ";
    }
    if (option->shown)
        haul_buf_addf(text, "%sdefault %s", *before == ',' ? "; " : " (", option->shown);
    if (option->shown || *before == ',')
        haul_buf_add_char(text, ')');
}

static void add_description(struct haul_buf *buf, const struct haul_option *option)
{
    struct column column = {.buf = buf, .at = HELP_COLUMN};
    struct haul_buf text;

    haul_buf_init(&text, 0);
    haul_buf_add_str(&text, option->help);
    add_remarks(&text, option);
    add_words(&column, haul_buf_str(&text));
    if (text.err && !buf->err)
        buf->err = text.err;
    haul_buf_done(&text);
}

static void add_option(struct haul_buf *buf, const struct haul_option *option)
{
    size_t start = buf->len, used;

    add_form(buf, option);
    used = buf->len - start;
    if (used + 2 > HELP_COLUMN) {
        haul_buf_add_char(buf, '\n');
        used = 0;
    }
    haul_buf_pad(buf, ' ', HELP_COLUMN - used);
    add_description(buf, option);
    haul_buf_add_char(buf, '\n');
}

void haul_help_add(struct haul_buf *buf)
{
    const struct haul_option *row;

    haul_buf_add_str(buf, intro);
    for (size_t i = 0; (row = haul_options_row(i)) != NULL; i++) {
        if (row->title)
            haul_buf_addf(buf, "\n%s:\n", row->title);
        add_option(buf, row);
    }
    haul_buf_add_str(buf, outro);
}

static void add_library(struct haul_buf *buf, const char *before, const char *text)
{
    if (text)
        haul_buf_addf(buf, "%s%s\n", before, text);
}

void haul_help_add_version(struct haul_buf *buf, const char *curl, const char *uv,
                           const char *features, const char *sandbox)
{
    haul_buf_add_str(buf, "haul " HAUL_VERSION "\n");
    add_library(buf, "", curl);
    add_library(buf, "", uv);
    add_library(buf, "features: ", features);
    add_library(buf, "sandbox: ", sandbox);
}
