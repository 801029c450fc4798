namespace Gateway.Engine;

/// <summary>The order of choice: automatic before needs_user, fewest drops, the table's order, class (unknown last), fewest steps, ids.</summary>
internal static class Choice
{
    public static int Compare(Draft a, Draft b)
    {
        var order = a.Automatic.CompareTo(b.Automatic);
        if (order == 0) order = a.Drops.Count.CompareTo(b.Drops.Count);
        if (order == 0) order = a.Route.CompareTo(b.Route);
        if (order == 0) order = Rank(a.Class).CompareTo(Rank(b.Class));
        if (order == 0) order = a.StepCount.CompareTo(b.StepCount);
        return order == 0 ? string.CompareOrdinal(Ids(a), Ids(b)) : order;
    }

    private static int Rank(SyncClass? value) => value is { } known ? (int)known : int.MaxValue;

    private static string Ids(Draft draft) => string.Join('\n', draft.Steps.Select(s => $"{s.Device} {s.Form.Peer} {s.Form.Adapter}"));
}
