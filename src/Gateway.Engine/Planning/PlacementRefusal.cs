using System.Globalization;

namespace Gateway.Engine;

/// <summary>Why the streams find no adapter, and what would help (T4, L4).</summary>
internal static class PlacementRefusal
{
    public static void Explain(Draft draft, StreamSlot[] slots)
    {
        var context = draft.Context;
        var devices = draft.Receives is null ? [.. draft.Sends] : draft.Sends.Append(draft.Receives).ToArray();
        var needed = devices.Length;
        if (slots.Length == 0)
        {
            draft.Block("T4", devices, NoAdapter(context), Sentence(SwitchOn(context) ?? "plug in a Bluetooth adapter."));
        }
        else if (draft.Receives is { } source && !Array.Exists(slots, s => s.CanReceive))
        {
            draft.Block("L4", [source], $"No adapter may receive, so {context.Name(source)} cannot play to us.", "Set role: both or role: receive for an adapter, or add one.");
        }
        else if (draft.Sends.Count > 0 && !Array.Exists(slots, s => s.CanSend))
        {
            draft.Block("L4", [.. draft.Sends], "No adapter may feed speakers: all are set to receive.", "Set role: both or role: send for an adapter, or add one.");
        }
        else
        {
            NoRoom(draft, slots, devices, needed);
        }

        if (context.Echo(draft.Receives) is not { } echo || draft.Sends.Count < 2) return;
        draft.Block("L1", [echo.Id], $"{echo.Name} cannot feed {context.NamesOf(draft.Sends)} by itself either: it holds one link. {Myths.FirmwareAddsRadio}",
            $"Let {echo.Name} feed the gateway, with enough adapters for all speakers.");
    }

    private static void NoRoom(Draft draft, StreamSlot[] slots, string[] devices, int needed)
    {
        var context = draft.Context;
        var free = slots.Sum(s => (long)s.Free);
        var text = free >= needed
            ? $"The adapters have room for {Streams(free)}, but their roles (send, receive) do not fit the {needed} that are needed."
            : $"{Streams(needed)} {(needed == 1 ? "is" : "are")} needed and the adapters have room for {(free == 0 ? "none" : free)}.";
        foreach (var adapter in context.Adapters.All.Where(a => a is { IsUsable: true, LearnedAt: not null }))
        {
            text += string.Create(CultureInfo.InvariantCulture, $" {adapter.Name} was found to carry {Streams(adapter.Capacity)} and no more (learned on {adapter.LearnedAt:yyyy-MM-dd}).");
        }

        if (context.Echo(draft.Receives) is { PairedOn: { IsKnown: true, Value: var keys } } source) text += $" {source.Name} is paired on {Names.Join(keys)} only.";
        var others = OthersConnected(draft);
        var add = $"add a Bluetooth adapter (an adapter carries about {Streams(context.Limits.DefaultStreamsPerAdapter)})";
        string[] ways = [.. new[] { SwitchOn(context)?.TrimEnd('.'), others, add }.OfType<string>()];
        var remedy = string.Join(", or ", ways);
        draft.Block("T4", devices, text, Sentence(remedy + "."));
    }

    private static string Streams(long count) => count == 1 ? "1 stream" : $"{count} streams";

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    private static string? OthersConnected(Draft draft)
    {
        var context = draft.Context;
        var others = context.Speakers.Where(s => !draft.Sends.Contains(s.Id) && context.AdapterOf(s) >= 0).Select(s => s.Name).ToArray();
        return others.Length == 0 ? null : $"disconnect {Names.Join(others)}";
    }

    private static string NoAdapter(PlanContext context) =>
        context.Adapters.All.Count == 0 ? "This machine has no Bluetooth adapter."
        : context.Adapters.All.Any(a => a.Allowed) ? "Every Bluetooth adapter is switched off."
        : "No Bluetooth adapter of this machine is in bluetooth.adapters.";

    private static string? SwitchOn(PlanContext context)
    {
        var off = context.Adapters.All.Where(a => a.Allowed && !a.Powered.Or(true)).Select(a => a.Name!).ToArray();
        return off.Length == 0 ? null : $"switch {Names.Join(off)} on.";
    }
}
