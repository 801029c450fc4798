using static Gateway.IntegrationTests.Alexa.AlexaHouse;

namespace Gateway.IntegrationTests.Alexa;

/// <summary>What people do with an Echo is seen when they do it: nothing here waits for the next look, which is minutes away.</summary>
public sealed class AlexaPushTests
{
    [Fact]
    public async Task A_change_is_seen_when_it_is_told_and_only_what_changed_is_asked_for()
    {
        await using var house = await StartAsync();
        house.Run();
        await house.SaysAsync("tells of changes by itself");

        await house.LinkAsync("kitchen", "Terrace Speaker");

        await Eventually.TrueAsync("the link is seen", () => house.Echo().Link.Or(null)?.Address == Terrace);
        var asked = await house.RequestsAsync();
        Assert.Single(asked, r => r == "GET /api/devices-v2/device");
        Assert.Single(asked, r => r == "PUT /v1/devices/@self/capabilities");
        Assert.DoesNotContain(house.Log, line => line.Contains("Atna", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_that_is_cut_is_opened_again_with_a_new_token_and_what_was_missed_is_read()
    {
        await using var house = await StartAsync();
        house.Run();
        await house.SaysAsync("tells of changes by itself");
        await house.FaultAsync(new { path = "/v20160207/directives", status = 403 }); // and the stream is cut
        await house.LinkAsync("kitchen", "Terrace Speaker"); // while nobody listens

        await Eventually.TrueAsync("what was missed is seen", () => house.Echo().Link.Or(null)?.Address == Terrace, 60);

        Assert.Single(house.Log, line => line.Contains("does not open the stream of changes (403)", StringComparison.Ordinal));
        Assert.Equal(2, house.Log.Count(line => line.Contains("tells of changes by itself", StringComparison.Ordinal)));
        Assert.Equal(2, (await house.RequestsAsync()).Count(r => r == "POST /auth/token"));
    }

    [Fact]
    public async Task A_stream_of_rubbish_costs_nothing_but_the_stream()
    {
        await using var house = await StartAsync();
        await house.FaultAsync(new { path = "/v20160207/directives", status = 200, body = "------\r\n{ \"directive\": 5 }\n{ broken\n{\"directive\":{\"payload\":{\"renderingUpdates\":[null,{\"resourceId\":7}]}}}\n" + new string('x', 300_000) });
        house.Run();
        await house.IsAskedAsync("GET /v20160207/directives", times: 2);

        await house.LinkAsync("kitchen", "Terrace Speaker");

        await Eventually.TrueAsync("the link is seen", () => house.Echo().Link.Or(null)?.Address == Terrace, 60);
        Assert.Null(house.Echoes.Current.Problem);
    }
}
