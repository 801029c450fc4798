using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gateway.Hosting;
using Gateway.House;
using Gateway.Mqtt;

namespace Gateway.Tests.Reconciler;

public sealed partial class PlainWordsTests
{
    [Fact]
    public async Task Nothing_that_the_house_says_bears_a_rules_code_outside_of_the_rules()
    {
        await using var home = await SimulatedHome.StartAsync();
        var json = DocumentJson.Readable;
        var topics = new Topics(FeatureOptions.ForMqtt(home.Configuration), new GatewayIdentity("gw", "Tutti", "0"));
        await home.LinkAsync("living_room", "flip_a");
        foreach (var group in home.Configuration.House.Groups) await home.AskAsync($"group/{group.Id}/active", "ON");
        home.Control("""{"speaker":"flip_b","do":"off"}""");
        await home.UntilEventAsync(HouseEventType.MemberMissing, "flip_b");
        foreach (var (target, value) in new[]
        {
            ("speaker/flip_a/pair", "PRESS"), ("speaker/roam/pair", "PRESS"), ("speaker/flex/connected", "ON"), ("speaker/flip_a/volume", "101"), ("echo/kitchen/bluetooth", "JBL"),
            ("echo/kitchen/audio_output", "optical"), ("echo/office/audio_output", "line_out"), ("group/party/source", "echo:nobody"), ("group/party/announce", "Dinner"),
        })
        {
            await home.AskAsync(target, value);
        }

        var house = home.Hub.Current!;
        JsonNode?[] said =
        [
            .. home.Answers.Select(a => JsonSerializer.SerializeToNode(ResponseDocument.Of(a, topics), ResponseJson.Readable.ResponseDocument)), .. home.Events.Select(e => JsonSerializer.SerializeToNode(e, json.HouseEvent)),
            .. house.Groups.Select(g => JsonSerializer.SerializeToNode(g, json.GroupDocument)), .. house.Speakers.Select(s => JsonSerializer.SerializeToNode(s, json.SpeakerDocument)),
            .. house.Echoes.Select(e => JsonSerializer.SerializeToNode(e, json.EchoDocument)), JsonSerializer.SerializeToNode(house.Gateway, json.GatewayDocument),
        ];

        Assert.All(said.SelectMany(TextsOf), text => Assert.DoesNotMatch(Code(), text));
        Assert.Contains(said, s => s!["rules"] is JsonArray { Count: > 0 });
        Assert.Contains(house.Speakers, s => s.Advice is not null);
        Assert.Contains(house.Groups, g => g.Problem is not null);
    }

    /// <summary>Every text in it, but what stands under <c>rule</c> or <c>rules</c>.</summary>
    private static IEnumerable<string> TextsOf(JsonNode? node) => node switch
    {
        JsonObject members => members.Where(m => m.Key is not ("rule" or "rules")).SelectMany(m => TextsOf(m.Value)),
        JsonArray items => items.SelectMany(TextsOf),
        JsonValue value when value.TryGetValue(out string? text) => [text],
        _ => [],
    };

    [GeneratedRegex(@"\b[LTGS][1-9]\b")]
    private static partial Regex Code();
}
