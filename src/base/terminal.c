#include "base/terminal.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/ci.h"

static int columns_of(int fd)
{
    const char *set = getenv("COLUMNS");
    struct winsize size;

    if (set && atoi(set) > 0)
        return atoi(set);
    return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

struct haul_terminal haul_terminal_look(int fd)
{
    const char *term = getenv("TERM");
    bool dumb = term && strcmp(term, "dumb") == 0;
    struct haul_terminal look = {.is_terminal = isatty(fd) && !dumb,
                                 .is_log = haul_ci_is_log(fd),
                                 .may_be_log = haul_ci_may_be_log(fd),
                                 .utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0};

    if (look.is_terminal)
        look.columns = columns_of(fd);
    return look;
}
