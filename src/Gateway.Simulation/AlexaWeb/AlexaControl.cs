using System.Text.Json.Nodes;
using Gateway.Engine;
using Gateway.Engine.Ports;

namespace Gateway.Simulation;

/// <summary>The simulation's own paths (<c>/_sim/…</c>): what is so, what was asked, what shall go wrong, what people do behind the clients' backs.</summary>
internal sealed class AlexaControl(World world, Action furnish, AlexaApi api, AlexaFaults faults, AlexaExtras extras, AlexaPush push)
{
    private const string LinkShape = "Send {\"echo\": id, serial or name, \"peer\": address or name (null: no link), \"role\": \"plays_to\" or \"receives_from\"}.";

    public AlexaAnswer Answer(AlexaRequest request) => (request.Method, request.Segments[1..]) switch
    {
        ("GET", ["state"]) => AlexaAnswer.Of(api.Documents.Truth()),
        ("GET", ["requests"]) => AlexaAnswer.Of(faults.Requests()),
        ("POST", ["faults"]) => Fault(request),
        ("POST", ["link"]) => Link(request.Json),
        ("POST", ["reset"]) => Reset(),
        _ => AlexaAnswer.Problem(404, "There are GET /_sim/state and /_sim/requests, POST /_sim/faults, /_sim/link and /_sim/reset."),
    };

    private AlexaAnswer Fault(AlexaRequest request)
    {
        if (faults.Add(request.Json, out var fault) is { } problem) return AlexaAnswer.Problem(400, problem);
        if (fault!.Path.StartsWith("/v20160207/", StringComparison.Ordinal)) push.Cut(); // its turn comes when they return
        return AlexaAnswer.Empty;
    }

    private AlexaAnswer Link(JsonNode? json)
    {
        if (json is not JsonObject told || Text(told["echo"]) is not { } name || !told.ContainsKey("peer")) return AlexaAnswer.Problem(400, LinkShape);
        return world.Do(() =>
        {
            if (world.Echoes.Find(e => new[] { e.Id, e.Serial, e.Name }.Contains(name, StringComparer.OrdinalIgnoreCase)) is not { } echo)
                return AlexaAnswer.Problem(404, $"The account has no Echo \"{name}\": it has {string.Join(", ", world.Echoes.Select(e => e.Id))}.");
            if (told["peer"] is null)
            {
                AccountBuilder.Link(world, echo, null);
                return AlexaAnswer.Empty;
            }

            if (PeerOf(echo, Text(told["peer"]), Text(told["role"])) is not { } peer)
                return AlexaAnswer.Problem(400, $"{echo} knows no device of that name or address, and a new one needs an address and a role. {LinkShape}");
            AccountBuilder.Link(world, echo, peer);
            return AlexaAnswer.Empty;
        });
    }

    private static EchoPairing? PeerOf(Echo echo, string? peer, string? role)
    {
        var address = BluetoothAddress.Read(peer);
        if (echo.AddressBook.FirstOrDefault(p => p.Address == address || p.Name.Equals(peer, StringComparison.OrdinalIgnoreCase)) is { } known) return known;
        if (address is null || role is not ("plays_to" or "receives_from")) return null;
        return new EchoPairing($"Device {address.Text[^5..]}", address, role == "plays_to" ? LinkRole.PlaysTo : LinkRole.ReceivesFrom);
    }

    /// <summary>Everything as it was at the start; tokens go on being good.</summary>
    private AlexaAnswer Reset()
    {
        world.Do(() =>
        {
            foreach (var echo in world.Echoes) world.CutAll(echo);
            world.Echoes.Clear();
            world.Speakers.Clear();
            world.Phones.Clear();
            world.Pairings.Clear();
            world.WifiGroups.Clear();
            world.StereoPairs.Clear();
            furnish();
        });
        faults.Reset();
        extras.Reset();
        api.Reset();
        push.Cut();
        return AlexaAnswer.Empty;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
