using Gateway.Engine;
using Values = System.Collections.Generic.IReadOnlyDictionary<string, Tmds.DBus.Protocol.VariantValue>;

namespace Gateway.Bluetooth.BlueZ;

/// <summary>An adapter that may be used.</summary>
/// <param name="Twins">The names of all adapters with its address, in order; null: it is the only one.</param>
internal sealed record UsableAdapter(string Path, string Name, BluetoothAddress Address, Values Values, IReadOnlyList<string>? Twins)
{
    /// <summary>Two adapters with one address; null: there is nothing to say.</summary>
    public string? TwinAdvice => Twins is null ? null
        : $"The adapters {string.Join(" and ", Twins)} have the same address {Address} (cheap dongles of one make do), so nobody can tell them apart and only {Name} is used: "
        + $"unplug the other, give it another address, or name the one to use in bluetooth.adapters (name: {Name}).";
}

/// <summary>
/// Which of BlueZ's adapters may be used. Everything goes by addresses, and of two adapters with one address (C3) one is used: the one that knows more paired
/// devices, and then as long as it is there. Owned by the mirror's loop.
/// </summary>
internal sealed class UsableAdapters(BluetoothOptions options, BlueZMirror mirror)
{
    // Paths, by address where several have it.
    private readonly Dictionary<BluetoothAddress, string> _chosen = [];

    public IReadOnlyList<UsableAdapter> All()
    {
        var allowed = mirror.With(BlueZNames.Adapter)
            .Select(a => DeviceAddresses.In(a.Values) is { } address ? new UsableAdapter(a.Path, ObjectPaths.NameOf(a.Path), address, a.Values, null) : null)
            .OfType<UsableAdapter>().Where(a => options.Allows(a.Name, a.Address)).ToList();
        return allowed.DistinctBy(a => a.Address).Count() == allowed.Count ? allowed : [.. allowed.GroupBy(a => a.Address, (address, alike) => One(address, [.. alike]))];
    }

    private UsableAdapter One(BluetoothAddress address, List<UsableAdapter> alike)
    {
        if (alike.Count == 1) return alike[0];
        var chosen = alike.Find(a => a.Path == _chosen.GetValueOrDefault(address) && PairedOn(a) > 0) ?? alike.OrderByDescending(PairedOn).ThenByDescending(a => a.Values.Flag("Powered")).First();
        _chosen[address] = chosen.Path;
        return chosen with { Twins = [.. alike.Select(a => a.Name)] };
    }

    private int PairedOn(UsableAdapter adapter) =>
        mirror.With(BlueZNames.Device).Count(d => d.Values.Text("Adapter") == adapter.Path && d.Values.IsBonded());
}
