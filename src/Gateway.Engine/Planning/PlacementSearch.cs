namespace Gateway.Engine;

/// <summary>A device that is to get a stream.</summary>
/// <param name="Pinned">The adapter that it is connected on already, or -1.</param>
/// <param name="NeedsPairing">By adapter: would it have to be paired there first? Null: never (Echos whose pairings are not known).</param>
/// <param name="ByHand">Pairing it takes the user (S2, T3), so a place where it is paired already is worth links moved.</param>
internal readonly record struct StreamItem(int Pinned, bool[]? NeedsPairing, bool ByHand = false);

/// <summary>An adapter's room and its preferences, as numbers.</summary>
/// <param name="Free">Streams it has room for.</param>
/// <param name="Doubt">0: known to be on; 1: its power is unknown; 2: it stands for adapters that nobody has named.</param>
internal readonly record struct StreamSlot(int Free, bool CanSend, bool CanReceive, int Doubt, bool SendsForOthers, bool ReceivesForOthers);

/// <summary>Where everything goes: an adapter index per item, and the receiving adapter (-1: none needed).</summary>
internal sealed record PlacementResult(int[] Adapters, int Receiver);

/// <summary>
/// Places streams on adapters at least cost, exactly: no pairing by hand if that can be, fewest links moved, then fewest streams on adapters whose power is unknown,
/// then roles apart (L4), then fewest pairings, then the adapters' order. For each possible receiving adapter it solves the
/// assignment by shortest augmenting paths over the (at most 16) adapters.
/// </summary>
internal static class PlacementSearch
{
    /// <summary>More radios than any machine carries; what goes beyond is not looked at.</summary>
    public const int MostAdapters = 16;

    /// <param name="receiverPinned">Null: nothing is received; -1: anywhere; else the adapter that receives already.</param>
    /// <param name="mayReceiveAt">By adapter: the received device has a key for it; null: that is not known of any.</param>
    public static PlacementResult? Solve(StreamSlot[] slots, StreamItem[] items, int? receiverPinned, bool[]? mayReceiveAt = null)
    {
        if (mayReceiveAt is not null) slots = [.. slots.Select((s, i) => s with { CanReceive = s.CanReceive && mayReceiveAt[i] })];
        // A plan carries itself out or it does not: one pairing by hand is as bad as ten, so they are not counted against moves.
        var byItself = Array.Exists(items, i => i.ByHand) ? Best(slots, items, receiverPinned, byHandCounts: true) : null;
        return byItself ?? Best(slots, items, receiverPinned, byHandCounts: false);
    }

    private static PlacementResult? Best(StreamSlot[] slots, StreamItem[] items, int? receiverPinned, bool byHandCounts)
    {
        var limit = byHandCounts ? new Weights(items.Length).ByHand : long.MaxValue;
        if (receiverPinned is not { } pinned)
        {
            return Assign(slots, items, -1, byHandCounts, out var only) is { } assigned && only < limit ? new PlacementResult(assigned, -1) : null;
        }

        PlacementResult? best = null;
        var bestCost = limit;
        var weights = new Weights(items.Length);
        for (var r = 0; r < slots.Length; r++)
        {
            if (!slots[r].CanReceive || slots[r].Free < 1) continue;
            var own = (pinned >= 0 && pinned != r ? weights.Move : 0) + slots[r].Doubt * weights.Power + (slots[r].SendsForOthers ? weights.Mix : 0);
            if (own >= bestCost || Assign(slots, items, r, byHandCounts, out var cost) is not { } adapters || own + cost >= bestCost) continue;
            (best, bestCost) = (new PlacementResult(adapters, r), own + cost);
        }

        return best;
    }

    private readonly struct Weights(int items)
    {
        // Each level outweighs all of the level below together.
        private readonly long _base = 2 * (items + 2L);
        public const long Pair = 1;
        public long Mix => _base;
        public long Power => _base * _base;
        public long Move => _base * _base * _base;
        public long ByHand => _base * _base * _base * _base;
    }

    private static int[]? Assign(StreamSlot[] slots, StreamItem[] items, int receiver, bool byHandCounts, out long total)
    {
        total = 0;
        var room = new int[slots.Length];
        var all = 0L;
        for (var a = 0; a < slots.Length; a++)
        {
            room[a] = slots[a].CanSend ? Math.Max(0, slots[a].Free - (a == receiver ? 1 : 0)) : 0;
            all += room[a];
        }

        if (all < items.Length) return null;
        var cost = Costs(slots, items, receiver, byHandCounts);
        var placed = new int[items.Length];
        Array.Fill(placed, -1);
        // Those that are connected first: staying is free, so it is never wrong to begin with.
        for (var i = 0; i < items.Length; i++) if (items[i].Pinned >= 0) Place(i, cost, room, placed);
        for (var i = 0; i < items.Length; i++) if (items[i].Pinned < 0) Place(i, cost, room, placed);
        for (var i = 0; i < items.Length; i++) total += cost[i][placed[i]];
        return placed;
    }

    private static long[][] Costs(StreamSlot[] slots, StreamItem[] items, int receiver, bool byHandCounts)
    {
        var weights = new Weights(items.Length);
        var cost = new long[items.Length][];
        for (var i = 0; i < items.Length; i++)
        {
            cost[i] = new long[slots.Length];
            for (var a = 0; a < slots.Length; a++)
            {
                cost[i][a] = (items[i].Pinned >= 0 && items[i].Pinned != a ? weights.Move : 0)
                    + slots[a].Doubt * weights.Power
                    + (a == receiver || slots[a].ReceivesForOthers ? weights.Mix : 0)
                    + (items[i].Pinned != a && items[i].NeedsPairing is { } needs && needs[a] ? (byHandCounts && items[i].ByHand ? weights.ByHand : Weights.Pair) : 0);
            }
        }

        return cost;
    }

    private static void Place(int item, long[][] cost, int[] room, int[] placed)
    {
        var adapters = room.Length;
        var cheapest = long.MaxValue;
        for (var a = 0; a < adapters; a++) cheapest = Math.Min(cheapest, cost[item][a]);
        // An adapter of least cost that has room ends every shorter path: no search needed.
        if (Roomiest(room, a => cost[item][a] == cheapest) is >= 0 and var direct)
        {
            placed[item] = direct;
            room[direct]--;
            return;
        }

        Augment(item, cost, room, placed);
    }

    private static void Augment(int item, long[][] cost, int[] room, int[] placed)
    {
        var n = room.Length;
        var distance = (long[])cost[item].Clone();
        var mover = new int[n];
        var from = new int[n];
        Array.Fill(from, -1);
        var (edge, who) = Reassignments(cost, placed, n);
        var changed = true;
        for (var round = 0; changed && round < n; round++)
        {
            changed = false;
            for (var a = 0; a < n; a++)
            {
                for (var b = 0; b < n; b++)
                {
                    if (who[a, b] < 0 || distance[a] + edge[a, b] >= distance[b]) continue;
                    distance[b] = distance[a] + edge[a, b];
                    from[b] = a;
                    mover[b] = who[a, b];
                    changed = true;
                }
            }
        }

        var end = -1;
        for (var a = 0; a < n; a++) if (room[a] > 0 && (end < 0 || distance[a] < distance[end])) end = a;
        room[end]--;
        for (; from[end] >= 0; end = from[end]) placed[mover[end]] = end;
        placed[item] = end;
    }

    private static (long[,] Cost, int[,] Who) Reassignments(long[][] cost, int[] placed, int n)
    {
        var edge = new long[n, n];
        var who = new int[n, n];
        for (var a = 0; a < n; a++) for (var b = 0; b < n; b++) who[a, b] = -1;
        for (var i = 0; i < placed.Length; i++)
        {
            if (placed[i] is not (>= 0 and var a)) continue;
            for (var b = 0; b < n; b++)
            {
                var change = cost[i][b] - cost[i][a];
                if (b == a || (who[a, b] >= 0 && edge[a, b] <= change)) continue;
                edge[a, b] = change;
                who[a, b] = i;
            }
        }

        return (edge, who);
    }

    private static int Roomiest(int[] room, Func<int, bool> fits)
    {
        var best = -1;
        for (var a = 0; a < room.Length; a++) if (room[a] > 0 && fits(a) && (best < 0 || room[a] > room[best])) best = a;
        return best;
    }
}
