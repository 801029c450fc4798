using Gateway.Engine.Ports;
using Gateway.Simulation;
using static Gateway.IntegrationTests.Alexa.AlexaHouse;

namespace Gateway.IntegrationTests.Alexa;

/// <summary>What the cloud does on a bad day: named, told once, contained.</summary>
public sealed class AlexaBadInputTests
{
    private const string SignIn = "<!DOCTYPE html><html><body>Sign in</body></html>";

    [Fact]
    public async Task A_401_exchanges_the_cookies_once_and_goes_on()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/bluetooth", status = 401 });

        await house.LookAsync();

        Assert.True(house.Echo().Link.IsKnown);
        Assert.Equal(3, await CountAsync(house, "POST /ap/exchangetoken/cookies"));
        Assert.Single(house.Log);
    }

    [Theory]
    [InlineData(302, "")]
    [InlineData(200, SignIn)]
    public async Task The_sign_in_page_in_place_of_an_answer_means_the_same(int status, string body)
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/devices-v2/device", status, body, headers = new { Location = "https://www.amazon.de/ap/signin" } });

        await house.LookAsync();

        Assert.Null(house.Echoes.Current.Problem);
        Assert.Equal(3, await CountAsync(house, "POST /ap/exchangetoken/cookies"));
    }

    [Theory]
    [InlineData(200, SignIn, "sign-in page")]
    [InlineData(200, "{\"bluetoothStates\":[{\"deviceSer", "cannot be read")]
    [InlineData(200, "{\"message\":null}", "there is no bluetoothStates in it")]
    [InlineData(418, "{}", "with the error 418")]
    public async Task An_answer_that_is_none_leaves_its_facts_unknown_is_told_once_and_the_rest_goes_on(int status, string body, string told)
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/bluetooth", status, body, times = 4 });

        await house.LookAsync();
        await house.LookAsync();

        Assert.Equal((null, true, 35, false), (house.Echoes.Current.Problem, house.Echo().Online, house.Echo().VolumePercent, house.Echo().Link.IsKnown));
        Assert.Contains(told, Assert.Single(house.Log, line => line.Contains("Bluetooth is not known", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    /// <summary>One that says nothing of devices takes none away; and what is told of a problem is told once, not with every path that works.</summary>
    [Fact]
    public async Task A_problem_stands_until_a_whole_look_has_worked_and_takes_no_echo_away()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/devices-v2/device", status = 200, body = "{\"message\":null}" });
        await house.FaultAsync(new { path = "/api/bluetooth", status = 429 });
        var problems = new List<bool>();

        await house.LookAsync();
        Assert.Equal(3, house.Echoes.Current.Echoes.Count);
        Assert.Contains("there is no devices in it", house.Echoes.Current.Problem, StringComparison.Ordinal);
        house.Echoes.Changed += now => problems.Add(now.Problem is null);
        await house.LookAsync();
        Assert.Contains("too many requests", house.Echoes.Current.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain(true, problems);

        house.Time.Jump(TimeSpan.FromMinutes(2));
        await house.LookAsync();
        Assert.Null(house.Echoes.Current.Problem);
    }

    [Fact]
    public async Task A_403_on_one_path_logs_nobody_out_and_is_tried_again_tomorrow()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/devices/deviceType/dsn/audio/v1/allDeviceVolumes", status = 403 });

        await house.LookAsync();
        await house.LookAsync();
        Assert.Null(house.Echo().VolumePercent);
        Assert.Equal((2, 2), (await CountAsync(house, "POST /ap/exchangetoken/cookies"), await CountAsync(house, "GET /api/devices/deviceType/dsn/audio/v1/allDeviceVolumes")));

        house.Time.Jump(TimeSpan.FromHours(25));
        await house.LookAsync();

        Assert.Equal(35, house.Echo().VolumePercent);
        Assert.Contains(house.Log, line => line.Contains("the Echos' volume is known again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_old_token_against_forgery_is_fetched_anew_once()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/behaviors/preview", status = 403 });

        await house.Echoes.SetVolumeAsync(Kitchen, 20, CancellationToken.None);

        Assert.Equal(20, house.Echo().VolumePercent);
        Assert.Equal(2, await CountAsync(house, "POST /api/behaviors/preview"));
    }

    [Theory]
    [InlineData(429, "", 1)]
    [InlineData(200, "{\"errors\":[{\"extensions\":{\"code\":\"UNOFFICIAL_CLIENT_TOO_MANY_REQUESTS\"}}]}", 1)]
    [InlineData(400, "{\"message\":\"Rate exceeded\"}", 1)]
    [InlineData(429, "", 20)]
    public async Task Too_many_requests_keep_everything_quiet_for_as_long_as_asked(int status, string body, int minutes)
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/devices-v2/device", status, body, headers = minutes == 1 ? new Dictionary<string, string>() : new Dictionary<string, string> { ["Retry-After"] = $"{minutes * 60}" } });

        var pause = await house.LookAsync();
        var asked = (await house.RequestsAsync()).Count;
        var refused = await Assert.ThrowsAsync<PortException>(() => house.Echoes.SetVolumeAsync(Kitchen, 20, CancellationToken.None));

        Assert.Equal(asked, (await house.RequestsAsync()).Count);
        Assert.Contains("too many requests", refused.Message, StringComparison.Ordinal);
        Assert.Contains("too many requests", house.Echoes.Current.Problem, StringComparison.Ordinal);
        Assert.Equal(("Kitchen Dot", true), (house.Echo().Name, house.Echo().Online)); // what was seen a moment ago is still so
        Assert.InRange(pause, TimeSpan.FromMinutes(minutes * 0.7), TimeSpan.FromMinutes(minutes * 1.5));

        house.Time.Jump(TimeSpan.FromMinutes(minutes * 1.5));
        await house.LookAsync();
        Assert.Null(house.Echoes.Current.Problem);
        Assert.Single(house.Log, line => line.Contains("too many requests", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_a_refused_refresh_token_asks_for_a_new_login()
    {
        await using var house = await StartAsync(token: "Atnr|somebody-elses");

        var pause = await house.LookAsync();

        Assert.Contains("refuses the refresh token", house.Echoes.Current.Problem, StringComparison.Ordinal);
        Assert.True(pause > TimeSpan.FromHours(1));
        Assert.DoesNotContain("somebody-elses", string.Join('\n', house.Log), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_fault_on_the_other_side_is_no_refusal()
    {
        await using var house = await StartAsync();
        await house.FaultAsync(new { path = "/ap/exchangetoken/cookies", status = 503, body = "{}" });

        await house.LookAsync();
        Assert.DoesNotContain("refuses", house.Echoes.Current.Problem, StringComparison.Ordinal);
        await house.LookAsync();

        Assert.Null(house.Echoes.Current.Problem);
        Assert.Equal(3, house.Echoes.Current.Echoes.Count);
    }

    [Fact]
    public async Task A_server_that_stumbles_is_asked_again_and_a_command_never_sent_twice()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/bluetooth", status = 500, times = 2 });
        await house.FaultAsync(new { path = "/api/behaviors/preview", status = 500 });

        await house.LookAsync();
        Assert.True(house.Echo().Link.IsKnown);
        await Assert.ThrowsAsync<PortException>(() => house.Echoes.SetVolumeAsync(Kitchen, 20, CancellationToken.None));

        Assert.Equal(1, await CountAsync(house, "POST /api/behaviors/preview"));
    }

    [Fact]
    public async Task A_cloud_that_is_gone_is_named_and_what_it_told_grows_old()
    {
        await using var house = await SeenAsync();
        await house.FaultAsync(new { path = "/api/devices-v2/device", status = 502, times = 100 });

        await house.LookAsync();
        Assert.Equal((true, 35), (house.Echo().Online, house.Echo().VolumePercent));
        house.Time.Jump(TimeSpan.FromMinutes(30));
        await house.LookAsync();

        Assert.Equal((null, null, false), (house.Echo().Online, house.Echo().VolumePercent, house.Echo().Link.IsKnown));
        Assert.Single(house.Log, line => line.Contains("error 502", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Clocks_that_are_hours_apart_are_no_trouble()
    {
        await using var house = await StartAsync(clientIsOff: TimeSpan.FromHours(-9));

        await house.LookAsync();
        await house.Echoes.SetVolumeAsync(Kitchen, 20, CancellationToken.None);

        Assert.Equal(20, house.Echo().VolumePercent);
    }

    [Fact]
    public async Task Hostile_names_are_made_fit_to_be_shown_and_work()
    {
        var name = "Kitchen \"Dot\"\r\n\u202Eevil\u202C \u0000" + new string('x', 9000);
        var first = SimulatedAccount.Example.Echoes[0];
        await using var house = await SeenAsync(new SimulatedAccount { Echoes = [first with { Name = name, Paired = [.. first.Paired.Select(p => p with { Name = name })] }] });

        Assert.Equal("Kitchen \"Dot\" evil " + new string('x', 79), house.Echo().Name);
        await house.Echoes.ConnectAsync(Kitchen, Terrace, CancellationToken.None);

        Assert.Equal(Terrace, house.Echo().Link.Value!.Address);
    }

    private static async Task<int> CountAsync(AlexaHouse house, string request) => (await house.RequestsAsync()).Count(r => r == request);
}
