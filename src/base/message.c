#include "base/message.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"

enum { WIDTH_MAX = 500 };

void haul_message_add(struct haul_buf *buf, const struct haul_terminal *term, const char *text,
                      size_t len)
{
    haul_buf_add_str(buf, "haul: ");
    haul_escape_terminal(buf, text, len, term->utf8, WIDTH_MAX);
    haul_buf_add_char(buf, '\n');
}

void haul_message_write(const char *bytes, size_t len)
{
    (void)haul_message_write_until(bytes, len, NULL); /* or nobody is left to be told */
}

bool haul_message_write_until(const char *bytes, size_t len, struct haul_patience *patience)
{
    return haul_io_write_until(STDERR_FILENO, bytes, len, patience) != ECANCELED;
}

bool haul_message_say_now(const struct haul_terminal *term, const char *erase, const char *text)
{
    struct haul_buf line;
    bool is_said;

    haul_buf_init(&line, 0);
    haul_buf_add_str(&line, erase);
    haul_message_add(&line, term, text, strlen(text));
    is_said = haul_io_write_now(STDERR_FILENO, haul_buf_str(&line), line.len);
    haul_buf_done(&line);
    return is_said;
}

static void say(const struct haul_terminal *term, const char *text, size_t len)
{
    struct haul_buf line;

    haul_buf_init(&line, 0);
    haul_message_add(&line, term, text, len);
    haul_message_write(haul_buf_str(&line), line.len);
    haul_buf_done(&line);
}

void haul_message_say(const struct haul_terminal *term, const char *text)
{
    say(term, text, strlen(text));
}

void haul_message_say_lines(const struct haul_terminal *term, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        say(term, text, len);
        text += len + (text[len] == '\n');
    }
}
