using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace Gateway.Benchmarks.Fuzzing;

/// <summary>
/// The counters that instrumented code raises, one for each way from one branch to the next (AFL's map: 64 KiB, two ways may share a counter). Set before any
/// such code runs. New is a way never gone before, or one gone a new order of times (once, twice, 3, 4-7, 8-15, 16-31, 32-127, more).
/// </summary>
internal sealed unsafe class BranchMap
{
    private const int Size = 1 << 16;
    private readonly byte* _counts = (byte*)NativeMemory.AllocZeroed(Size);
    private readonly byte[] _seen = new byte[Size];

    public BranchMap() => Trace.SharedMem = _counts;

    /// <summary>Ways gone so far.</summary>
    public int Reached { get; private set; }

    public void Begin()
    {
        new Span<byte>(_counts, Size).Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Did what ran since <see cref="Begin"/> go a new way?</summary>
    public bool End()
    {
        var isNew = false;
        var counts = new ReadOnlySpan<byte>(_counts, Size);
        for (var at = 0; at < Size; at++)
        {
            var next = counts[at..].IndexOfAnyExcept((byte)0);
            if (next < 0) break;
            at += next;
            var order = Order(counts[at]);
            if ((_seen[at] & order) != 0) continue;
            if (_seen[at] == 0) Reached++;
            _seen[at] |= order;
            isNew = true;
        }

        return isNew;
    }


    private static byte Order(byte count) => count switch { 1 => 1, 2 => 2, 3 => 4, < 8 => 8, < 16 => 16, < 32 => 32, < 128 => 64, _ => 128 };
}
