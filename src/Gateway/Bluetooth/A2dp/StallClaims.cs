using System.Collections.Concurrent;
using Gateway.Native.Libc;

namespace Gateway.Bluetooth.A2dp;

/// <summary>Who may give up a stalled speaker: one at a time on each adapter, with time in between for the others to recover. Any thread.</summary>
internal sealed class StallClaims
{
    private const long RecoveryNanoseconds = 1_500_000_000;
    private readonly ConcurrentDictionary<string, long> _last = new(StringComparer.Ordinal);

    public bool TryClaim(string adapter)
    {
        var now = AudioThread.NowNanoseconds;
        while (true)
        {
            if (!_last.TryGetValue(adapter, out var last))
            {
                if (_last.TryAdd(adapter, now)) return true;
            }
            else if (now - last < RecoveryNanoseconds)
            {
                return false;
            }
            else if (_last.TryUpdate(adapter, now, last))
            {
                return true;
            }
        }
    }
}
