using Gateway.Engine;

namespace Gateway.Simulation;

/// <summary>What a simulated house is made of. Everything that it leaves open is drawn from <see cref="Seed"/>.</summary>
public sealed record SimulatedHouseOptions
{
    /// <summary>Every echo, speaker and adapter of it exists in the house. No adapters listed: there are two.</summary>
    public required HouseConfiguration Configuration { get; init; }

    /// <summary>Gives speakers their habits (S1, S2, S3, S5) and Echos their sockets.</summary>
    public Catalogue Catalogue { get; init; } = Catalogue.Empty;

    public int Seed { get; init; } = 1;

    /// <summary>Echo id → the firmware that it reports; the others report a dotted version.</summary>
    public IReadOnlyDictionary<string, string> Firmware { get; init; } = new Dictionary<string, string>();

    /// <summary>Ids of speakers that are switched off at the start.</summary>
    public IReadOnlyList<string> Off { get; init; } = [];

    /// <summary>Where <c>tutti-sim/truth</c> goes and <c>tutti-sim/control</c> comes from; null: neither.</summary>
    public SimulatedBroker? Broker { get; init; }
}

/// <summary>The simulator's own way to the broker.</summary>
public sealed record SimulatedBroker(string Host, int Port, string? Username = null, string? Password = null)
{
    /// <summary>Records print their members; this one must not print its password.</summary>
    public override string ToString() => $"mqtt://{Host}:{Port}";
}
