#ifndef HAUL_ERR_H
#define HAUL_ERR_H

/*
 * Errors of haul itself.
 *
 * A failed download is not an error of the program: it is a result, and its cause is a
 * `haul_reason` (record.h). The codes below are for what keeps haul from doing its own work.
 */

#if defined(__GNUC__)
#define HAUL_MUST_USE __attribute__((warn_unused_result))
#define HAUL_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))
#else
#define HAUL_MUST_USE
#define HAUL_PRINTF(fmt, first)
#endif

/* One row per error: name, text for a message. HAUL_OK is 0 and stands first. */
#define HAUL_ERRORS(X)                                                                             \
    X(OK, "no error")                                                                              \
    X(ERR_NOMEM, "out of memory")                                                                  \
    X(ERR_USAGE, "wrong usage")                                                                    \
    X(ERR_IO, "input or output failed")                                                            \
    X(ERR_SYNTAX, "malformed text")                                                                \
    X(ERR_RANGE, "value out of range")                                                             \
    X(ERR_LIMIT, "a stated limit was exceeded")                                                    \
    X(ERR_CLOSED, "closed")                                                                        \
    X(ERR_END, "end of input")                                                                     \
    X(ERR_AGAIN, "something else is to be done first")                                             \
    X(ERR_LOCKED, "locked by another run")                                                         \
    X(ERR_SYSTEM, "the system refused a resource")                                                 \
    X(ERR_LIBRARY, "a library could not be initialised")

enum haul_err {
#define HAUL_ERR_ENUM(name, text) HAUL_##name,
    HAUL_ERRORS(HAUL_ERR_ENUM)
#undef HAUL_ERR_ENUM
        HAUL_ERR_COUNT
};

/*
 * The text of an error code, for messages. Never NULL; a code out of range gives "unknown error".
 * The string is static. Any thread.
 */
const char *haul_err_text(enum haul_err err);

/* For parsers: hands out why they fail, a static phrase for a message, and returns the error. */
static inline enum haul_err haul_err_why(enum haul_err err, const char *why, const char **cause)
{
    *cause = why;
    return err;
}

#endif
