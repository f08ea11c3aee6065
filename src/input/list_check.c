#include "input/list_check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/io.h"
#include "input/reader.h"
#include "model/source.h"

/* Returns 0 or an errno. A pipe is not opened: that would end it for whoever writes to it. */
static int try_to_read(const char *name, bool is_standard_input)
{
    struct stat st;
    int fd;

    if ((is_standard_input ? fstat(STDIN_FILENO, &st) : stat(name, &st)) != 0)
        return errno;
    if (S_ISDIR(st.st_mode))
        return EISDIR;
    if (is_standard_input)
        return 0;
    if (!S_ISREG(st.st_mode))
        return faccessat(AT_FDCWD, name, R_OK, AT_EACCESS) == 0 ? 0 : errno;
    fd = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return errno;
    close(fd);
    return 0;
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
        bool is_standard_input = strcmp(name, "-") == 0;
        char text[HAUL_IO_ERROR_MAX];
        int error;

        if (!is_file(&source[i]))
            continue;
        if (is_standard_input && seen_standard_input) {
            haul_buf_add_str(message, "standard input ('-') can be read as a list only once");
            return HAUL_ERR_USAGE;
        }
        seen_standard_input = seen_standard_input || is_standard_input;
        error = try_to_read(name, is_standard_input);
        if (error) {
            haul_buf_addf(message, "%s: cannot be read as a list: %s", haul_reader_shown_name(name),
                          haul_io_error_text(error, text));
            return HAUL_ERR_USAGE;
        }
    }
    return HAUL_OK;
}
