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

const char *haul_message_bytes(const struct haul_buf *made, size_t *len)
{
    static const char lost[] = "haul: out of memory: what was to be said here is lost\n";

    *len = made->err ? sizeof lost - 1 : made->len;
    return made->err ? lost : haul_buf_str(made);
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
    const char *bytes;
    bool is_said;
    size_t len;

    haul_buf_init(&line, 0);
    haul_buf_add_str(&line, erase);
    haul_message_add(&line, term, text, strlen(text));
    bytes = haul_message_bytes(&line, &len);
    is_said = haul_io_write_now(STDERR_FILENO, bytes, len);
    haul_buf_done(&line);
    return is_said;
}

static void say(const struct haul_terminal *term, const char *text, size_t len)
{
    struct haul_buf line;
    const char *bytes;

    haul_buf_init(&line, 0);
    haul_message_add(&line, term, text, len);
    bytes = haul_message_bytes(&line, &len);
    haul_message_write(bytes, len);
    haul_buf_done(&line);
}

void haul_message_next(struct haul_buf *message)
{
    if (message->len && message->data[message->len - 1] != '\n')
        haul_buf_add_char(message, '\n');
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
