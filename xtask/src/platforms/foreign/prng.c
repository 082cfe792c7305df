/* bcryptprimitives.dll for a wine that has none: of its functions Rust's std imports this one alone,
 * for the seeds of its hash maps. https://learn.microsoft.com/windows/win32/seccng/processprng */

#include <windows.h>
#include <ntsecapi.h>

/* Less than the 32 bits that RtlGenRandom counts with. */
#define MOST 0x10000000

BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T size)
{
    while (size > 0) {
        ULONG part = size < MOST ? (ULONG)size : MOST;
        if (!RtlGenRandom(data, part))
            return FALSE;
        data += part;
        size -= part;
    }
    return TRUE;
}
