/* The faults that are too clever for a recipe in the table. Each writes the whole script
 * of an answer, end step included. */
#ifndef TS_FAULTS_H
#define TS_FAULTS_H

#include "conn.h"

/* A gzip body of 1000 decoded bytes, spoilt in the way that the name says. */
void ts_fault_gzip(struct ts_conn *conn);
void ts_fault_gzip_truncated(struct ts_conn *conn);
void ts_fault_gzip_no_trailer(struct ts_conn *conn);
void ts_fault_gzip_corrupt(struct ts_conn *conn);
void ts_fault_gzip_bad_crc(struct ts_conn *conn);
void ts_fault_gzip_bad_size(struct ts_conn *conn);
void ts_fault_gzip_garbage(struct ts_conn *conn);
void ts_fault_gzip_two_members(struct ts_conn *conn);
void ts_fault_gzip_head_only(struct ts_conn *conn);
void ts_fault_gzip_upper(struct ts_conn *conn);
void ts_fault_gzip_x(struct ts_conn *conn);
void ts_fault_gzip_unlabelled(struct ts_conn *conn);
void ts_fault_gzip_twice(struct ts_conn *conn);
void ts_fault_gzip_six_times(struct ts_conn *conn);
void ts_fault_gzip_said_twice(struct ts_conn *conn);
void ts_fault_gzip_as_deflate(struct ts_conn *conn);
void ts_fault_gzip_as_brotli(struct ts_conn *conn);
void ts_fault_gzip_unknown(struct ts_conn *conn);
void ts_fault_gzip_of_nothing(struct ts_conn *conn);
void ts_fault_gzip_close(struct ts_conn *conn);
void ts_fault_gzip_close_truncated(struct ts_conn *conn);
void ts_fault_gzip_transfer(struct ts_conn *conn);
void ts_fault_deflate(struct ts_conn *conn);
void ts_fault_deflate_truncated(struct ts_conn *conn);
void ts_fault_deflate_as_gzip(struct ts_conn *conn);

/* Compression bombs: 1 GB, or without end. */
void ts_fault_bomb(struct ts_conn *conn);
void ts_fault_bomb_endless(struct ts_conn *conn);
void ts_fault_bomb_nested(struct ts_conn *conn);

/* Redirects to ports that only the running server knows. */
void ts_fault_redirect_refused(struct ts_conn *conn);
void ts_fault_redirect_blackhole(struct ts_conn *conn);
void ts_fault_redirect_userinfo(struct ts_conn *conn);
void ts_fault_redirect_relative_scheme(struct ts_conn *conn);

/* Answers as if the alias had been asked for, with the options of this request behind
 * its own. Counters still go by the request's own target. */
void ts_faults_answer_alias(struct ts_conn *conn, const char *alias);

#endif
