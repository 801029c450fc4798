using Gateway.Configuration.Yaml;
using Gateway.Engine;

namespace Gateway.Configuration;

/// <summary><c>bluetooth.adapters</c>: an allow-list where it is present.</summary>
internal sealed class AdapterSection(Problems problems)
{
    /// <summary>A piconet has at most seven active peripherals (Bluetooth Core specification, volume 2, part B, 1.1).</summary>
    private const int MaxStreams = 7;

    private const string AnotherAdapter = "another adapter";

    private static readonly (string, AdapterRole)[] s_roles = [("both", AdapterRole.Both), ("send", AdapterRole.Send), ("receive", AdapterRole.Receive)];

    /// <returns>Null: no list, every adapter may be used.</returns>
    public IReadOnlyList<ConfiguredAdapter>? Read(MapReader bluetooth, IReadOnlyList<ConfiguredEcho> echoes, IReadOnlyList<ConfiguredSpeaker> speakers)
    {
        if (!bluetooth.Has("adapters") || bluetooth.Find("adapters") is YamlScalar { IsNull: true }) return null;
        var addresses = new Dictionary<BluetoothAddress, string>();
        foreach (var echo in echoes) if (echo.Address is { } address) addresses.TryAdd(address, $"the Echo {Problems.Quote(echo.Name)}");
        foreach (var speaker in speakers) if (speaker.Address is { } address) addresses.TryAdd(address, $"the speaker {Problems.Quote(speaker.Name)}");
        var names = new HashSet<string>(StringComparer.Ordinal);
        var adapters = new List<ConfiguredAdapter>();
        foreach (var block in bluetooth.Blocks("adapters", "an adapter", SettingKeys.Adapter))
        {
            var adapter = ReadOne(block);
            if (adapter.Name is { } name && !names.Add(name)) problems.Add(block.Place("name"), $"The adapter {Problems.Quote(name)} is listed twice.", "Keep one of the two.");
            if (adapter.Address is { } address && !addresses.TryAdd(address, AnotherAdapter))
            {
                problems.Add(block.Place("address"), $"{address} is already the address of {addresses[address]}.", addresses[address] == AnotherAdapter
                    ? "Correct one of the two. Where both really have it (cheap dongles of one make do), nobody can tell them apart: take one out and list the other once."
                    : "Correct one of the two.");
            }

            adapters.Add(adapter);
        }

        return adapters;
    }

    private ConfiguredAdapter ReadOne(MapReader block)
    {
        if (block.At is YamlMap && block.Find("name") is null or YamlScalar { IsNull: true } && block.Find("address") is null or YamlScalar { IsNull: true })
        {
            problems.Add(block.At, "An adapter needs a name or an address.", "Write for example - address: 00:1A:7D:DA:71:13, or - name: hci0.");
        }

        return new ConfiguredAdapter
        {
            Name = block.Text("name"),
            Address = block.Address("address"),
            MaxStreams = block.Integer("max_streams", 1, MaxStreams),
            Role = block.Choice("role", s_roles) ?? AdapterRole.Both,
        };
    }
}
