#ifndef HAUL_CLI_SET_H
#define HAUL_CLI_SET_H

#include "cli/settings.h"

/*
 * The ways a value gets into the configuration: what `set` of a row of the table may be.
 *
 * Each takes one option with its value (NULL only where said so), which the row's `check` has
 * accepted, and writes the field at the row's offset. HAUL_OK; HAUL_ERR_USAGE with the message
 * written and the field as it was; or HAUL_ERR_NOMEM without a message. Main thread. The type
 * behind each name is that of the field.
 */

/* The field at the offset of the call's option: of the configuration, or of the result. */
void *haul_option_field(const struct haul_option_call *call);

/* Without a value. */
enum haul_err haul_option_set_bool(struct haul_option_call *call); /* bool: whether --no- is off */

/* Enumeration: `min`; where it is off and `min` was chosen, the first enumerator. */
enum haul_err haul_option_set_choice(struct haul_option_call *call);

enum haul_err haul_option_set_delimiter(struct haul_option_call *call);
enum haul_err haul_option_set_head(struct haul_option_call *call); /* method: HEAD, or GET */

/* One of `words`: the enumerator of the same index; without a value as set_choice. */
enum haul_err haul_option_set_word(struct haul_option_call *call);

/* A set of haul_tell. */
enum haul_err haul_option_set_quiet_unless(struct haul_option_call *call);

/* Numbers, from `min` to `max` where the table gives them. */
enum haul_err haul_option_set_int(struct haul_option_call *call);
enum haul_err haul_option_set_size(struct haul_option_call *call);           /* int64_t, bytes */
enum haul_err haul_option_set_duration(struct haul_option_call *call);       /* int64_t, ms */
enum haul_err haul_option_set_short_duration(struct haul_option_call *call); /* int, ms */
enum haul_err haul_option_set_seconds(struct haul_option_call *call);        /* int, s */

/* int64_t: the microseconds between two events that never exceed the rate. */
enum haul_err haul_option_set_rate(struct haul_option_call *call);

/*
 * The two sources of host_interval_us, which is the larger one; each of them has its last value,
 * whatever the order.
 */
enum haul_err haul_option_set_host_rate(struct haul_option_call *call);
enum haul_err haul_option_set_delay(struct haul_option_call *call);

enum haul_err haul_option_set_statuses(struct haul_option_call *call); /* struct haul_status_set */

/* retry_on and retry_not. A list that only excludes keeps the default ones. */
enum haul_err haul_option_set_retry_on(struct haul_option_call *call);

/* halt, halt_failures and halt_percent: "never", "now,fail=N", "soon,fail=N%". */
enum haul_err haul_option_set_halt(struct haul_option_call *call);

/* --keep: a number of runs, or a duration with its unit. */
enum haul_err haul_option_set_keep(struct haul_option_call *call);

/* --change-min: a size, a percentage, or both with a comma between. */
enum haul_err haul_option_set_change_min(struct haul_option_call *call);

/* Texts: const char *, or one more of struct haul_strings. */
enum haul_err haul_option_set_text(struct haul_option_call *call);
enum haul_err haul_option_set_readable(struct haul_option_call *call); /* a file */
enum haul_err haul_option_set_cert(struct haul_option_call *call);     /* the same */
enum haul_err haul_option_add_text(struct haul_option_call *call);

/* A source of the kind `min`. */
enum haul_err haul_option_add_source(struct haul_option_call *call);

/*
 * struct haul_strings: each of the blocks of addresses between commas. Where one of them is wrong,
 * those before it have been added.
 */
enum haul_err haul_option_add_nets(struct haul_option_call *call);

/* Texts that are read from a file (secret.h): "name:password", and a passphrase. */
enum haul_err haul_option_set_user_file(struct haul_option_call *call);
enum haul_err haul_option_set_pass_file(struct haul_option_call *call);

/* Files of cookies and logins, which are read at once (set_login.c): the arrays of the
 * configuration and their counts. */
enum haul_err haul_option_add_cookies(struct haul_option_call *call);
enum haul_err haul_option_set_netrc(struct haul_option_call *call); /* without a value */
enum haul_err haul_option_set_netrc_file(struct haul_option_call *call);

/* Of the result: no configuration file but those that follow. */
enum haul_err haul_option_set_no_config(struct haul_option_call *call);

/* Adds to a haul_strings what model/budget.h understands. */
enum haul_err haul_option_add_budget(struct haul_option_call *call);

#endif
