#ifndef HAUL_TRANSFER_MEMORY_H
#define HAUL_TRANSFER_MEMORY_H

/*
 * Bytes to receive at once, at most. libcurl's default of 16 KiB takes four times the system calls
 * for a large body; only what a body has really filled is ever resident.
 */
enum { HAUL_MEMORY_RECEIVE_BUFFER = 65536 };

/*
 * curl_global_init, with memory functions that suit many threads. Returns its result. Once, on the
 * main thread, before any other.
 *
 * glibc keeps a few free blocks of each small size for each thread, which malloc and free use
 * without a lock; calloc and realloc (of glibc 2.36) go past them to an arena that threads share.
 * libcurl allocates each header field and formats each line with those two. And for each request it
 * takes and gives back a receive buffer (CURLOPT_BUFFERSIZE), over TLS one to send from, too
 * (CURLOPT_UPLOAD_BUFFERSIZE), which is more than glibc keeps: a few of these are kept here. At
 * -j 64 that saves 7 % of the peak memory and 3 % of the processor time
 * (`test/bench/run memory small`).
 */
int haul_memory_init_curl(void);

/*
 * Frees what is kept for the calling thread. Each thread that has used libcurl calls it when it is
 * done with it; it may go on using libcurl all the same.
 */
void haul_memory_release(void);

#endif
