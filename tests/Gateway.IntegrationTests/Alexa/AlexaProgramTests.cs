using System.Globalization;
using Gateway.Configuration;
using Gateway.IntegrationTests.Mqtt;
using Gateway.IntegrationTests.Program;
using Gateway.Simulation;

namespace Gateway.IntegrationTests.Alexa;

/// <summary><c>tutti run</c> with a refresh token, as people meet it: by MQTT.</summary>
public sealed class AlexaProgramTests
{
    private const string Kitchen = "tutti/echo/g0example0000001";

    [Fact]
    public async Task An_account_becomes_devices_whose_link_can_be_changed_and_no_secret_is_told()
    {
        await using var cloud = await SimulatedAlexa.StartAsync(SimulatedAccount.Example, CatalogueLoader.BuiltIn, 0, TimeProvider.System);
        await using var broker = await Mosquitto.StartAsync();
        await using var listener = await Listener.StartAsync(broker.Port);
        using var folder = new TemporaryFolder();
        var file = folder.Write("tutti.yaml", $$"""
            gateway: { id: test }
            mqtt: { url: "mqtt://127.0.0.1:{{broker.Port.ToString(CultureInfo.InvariantCulture)}}" }
            echo: { control: alexa_api, refresh_token: "{{cloud.RefreshToken}}", url: "{{cloud.Url.GetLeftPart(UriPartial.Authority)}}", ca: "{{cloud.AuthorityFile}}" }
            """);
        using var program = BuiltProgram.Start("run", "--config", file, "--data", folder.Path);

        await StateAsync("\"volume\":35,", "\"model\":\"Echo Dot (5th gen)\",", "\"control\":\"alexa_api\",", "\"online\":true,", "\"bluetooth\":{\"state\":\"disconnected\",");
        await listener.HearsAsync("homeassistant/device/tutti_echo_g0example0000001/config", h => h.Text.Contains("\"Terrace Speaker\"", StringComparison.Ordinal));
        await ChangeAsync("bluetooth", "Terrace Speaker");
        await StateAsync("\"bluetooth\":{\"state\":\"connected\",\"peer\":{\"id\":null,\"name\":\"Terrace Speaker\",");
        await ChangeAsync("bluetooth", "Disconnected");
        await StateAsync("\"bluetooth\":{\"state\":\"disconnected\",");
        await ChangeAsync("volume", "12");
        await StateAsync("\"volume\":12,");

        Assert.Equal(0, await program.TerminateAsync(TimeSpan.FromSeconds(30)));
        string[] told = [program.Text, .. listener.All.Select(h => h.Topic + h.Text)];
        Assert.DoesNotContain(told, text => text.Contains("Atnr", StringComparison.Ordinal) || text.Contains("Atza", StringComparison.Ordinal) || text.Contains("csrf", StringComparison.Ordinal));

        Task StateAsync(params string[] parts) => Eventually.TrueAsync(
            () => $"the Echo's state with {string.Join(' ', parts)} (last: {listener.Last($"{Kitchen}/state")})\n{program.Text}",
            () => listener.Last($"{Kitchen}/state") is { } state && parts.All(p => state.Contains(p, StringComparison.Ordinal)), 30);

        async Task ChangeAsync(string property, string value)
        {
            listener.Forget();
            await listener.SendAsync($"{Kitchen}/{property}/set", value);
            var end = await listener.HearsAsync("tutti/response", h => !h.Text.Contains("\"accepted\"", StringComparison.Ordinal));
            Assert.Contains("\"result\":\"done\"", end.Text, StringComparison.Ordinal);
        }
    }
}
