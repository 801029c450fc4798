namespace Gateway.Engine;

internal static class HouseChecks
{
    public static IEnumerable<CheckItem> Of(PlanContext context, CheckFacts facts)
    {
        yield return Adapters(context);
        foreach (var item in Capacity(context)) yield return item;
        yield return Roles(context);
        foreach (var group in context.House.Configured.Groups)
        {
            if (group.Members.Count > context.Limits.MaxWifiGroupMembers && group.Members.All(m => context.Echo(m) is not null))
                yield return new CheckItem(group.Id, "G2", "Group size", CheckResult.Warn, $"{Names.Cut(group.Name)} has {group.Members.Count} members, and a Wi-Fi group at most {context.Limits.MaxWifiGroupMembers}.", "Make two groups.");
        }

        yield return Bluez(facts);
        yield return Spread(facts);
    }

    private static CheckItem Adapters(PlanContext context)
    {
        if (context.Adapters.AreUnknown) return Item("T4", "Bluetooth adapters", CheckResult.Unknown, "Which Bluetooth adapters this machine has is not known.", "Start the gateway, or list them in the house file.");
        var usable = context.Adapters.All.Count(a => a.IsUsable);
        return usable == 0
            ? Item("T4", "Bluetooth adapters", CheckResult.Fail, "No Bluetooth adapter can be used.", "Plug one in, switch it on, or add it to bluetooth.adapters.")
            : Item("T4", "Bluetooth adapters", CheckResult.Pass, $"{usable} Bluetooth adapter(s) can be used.", "");
    }

    private static IEnumerable<CheckItem> Capacity(PlanContext context)
    {
        for (var i = 0; i < context.Adapters.All.Count; i++)
        {
            var adapter = context.Adapters.All[i];
            if (!adapter.IsUsable || adapter.IsAssumed) continue;
            var used = context.Speakers.Count(s => context.AdapterOf(s) == i)
                + context.Echoes.Count(e => context.AdapterOf(e, LinkRole.PlaysTo) == i || context.AdapterOf(e, LinkRole.ReceivesFrom) == i);
            yield return used > adapter.Capacity
                ? new CheckItem(adapter.Id, "T4", "Streams", CheckResult.Warn, $"{adapter.Name} carries {used} streams, and {adapter.Capacity} is its limit.", "Move a speaker to another adapter.")
                : new CheckItem(adapter.Id, "T4", "Streams", CheckResult.Pass, $"{adapter.Name} carries {used} of {adapter.Capacity} streams.", "");
        }
    }

    private static CheckItem Roles(PlanContext context)
    {
        var receive = context.Adapters.All.Any(a => a.CanReceive);
        var send = context.Adapters.All.Any(a => a.CanSend);
        if (!receive || !send) return Item("L4", "Adapter roles", CheckResult.Fail, receive ? "No adapter may feed speakers." : "No adapter may receive from an Echo or phone.", "Change role: of an adapter, or add one.");
        return context.Adapters.All.Count(a => a.IsUsable) > 1
            ? Item("L4", "Adapter roles", CheckResult.Pass, "One adapter can receive while others feed speakers.", "")
            : Item("L4", "Adapter roles", CheckResult.Warn, "One adapter has to receive and to feed speakers.", "Add a second Bluetooth adapter.");
    }

    private static CheckItem Bluez(CheckFacts facts)
    {
        if (facts.BluezVersion is not { } version) return Item("L4", "BlueZ", CheckResult.Unknown, "BlueZ's version is not known.", "Start the gateway on the machine with the adapters.");
        if (facts.BluezFaults is not { } faults) return Item("L4", "BlueZ", CheckResult.Unknown, $"BlueZ {Names.Cut(version)}: its known faults were not looked up.", "Read docs/bluetooth.md.");
        return faults.Count == 0
            ? Item("L4", "BlueZ", CheckResult.Pass, $"BlueZ {Names.Cut(version)} has no known fault that matters here.", "")
            : Item("L4", "BlueZ", CheckResult.Warn, $"BlueZ {Names.Cut(version)}: {string.Join(" ", faults)}", "Update BlueZ when your system offers a newer one.");
    }

    private static CheckItem Spread(CheckFacts facts) => (facts.SpreadMs, facts.Class) switch
    {
        (not { }, _) or (_, null) => Item("G4", "Spread", CheckResult.Unknown, "How far apart the speakers play is not measured.", "Calibrate the group."),
        ({ } ms, <= SyncClass.Roomwide) => Item("G4", "Spread", CheckResult.Pass, $"The speakers are {ms:0.#} ms apart and heard as one.", ""),
        ({ } ms, _) => Item("G4", "Spread", CheckResult.Warn, $"The speakers are {ms:0.#} ms apart, and that is heard.", "Follow the latency item."),
    };

    private static CheckItem Item(string rule, string title, CheckResult result, string text, string remedy) => new(null, rule, title, result, text, remedy);
}
