#include "input/list_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "model/url_parts.h"

static bool is_standard_input(const char *name)
{
    return strcmp(name, "-") == 0;
}

const char *haul_list_shown_name(const char *name)
{
    return is_standard_input(name) ? "standard input" : name;
}

static enum haul_err refuse(struct haul_buf *message, const char *name, int error)
{
    char text[HAUL_IO_ERROR_MAX];

    haul_buf_addf(message, "%s: cannot be read as a list: %s", haul_list_shown_name(name),
                  haul_io_error_text(error, text));
    return HAUL_ERR_USAGE;
}

/* Returns 0 or an errno. A pipe is not opened: that would end it for whoever writes to it. */
static int try_to_read(const char *name)
{
    struct stat st;
    int fd;

    if (stat(name, &st) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (!S_ISREG(st.st_mode))
        return faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) == 0 ? 0 : errno;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int try_standard_input(void)
{
    struct stat st;

    if (fstat(STDIN_FILENO, &st) != 0)
        return errno;
    return S_ISDIR(st.st_mode) ? EISDIR : 0;
}

static bool is_file(const struct haul_source *source)
{
    return source->kind == HAUL_SOURCE_FILE ||
           (source->kind == HAUL_SOURCE_SITEMAP && !haul_source_is_url(source->text));
}

enum haul_err haul_list_check(const struct haul_source *source, size_t count,
                              struct haul_buf *message)
{
    bool seen_standard_input = false;

    for (size_t i = 0; i < count; i++) {
        const char *name = source[i].text;
        bool standard_input = is_standard_input(name);
        int error;

        if (!is_file(&source[i]))
            continue;
        if (standard_input && seen_standard_input) {
            haul_buf_add_str(message, "standard input ('-') can be read as a list only once");
            return HAUL_ERR_USAGE;
        }
        seen_standard_input = seen_standard_input || standard_input;
        error = standard_input ? try_standard_input() : try_to_read(name);
        if (error)
            return refuse(message, name, error);
    }
    return HAUL_OK;
}
