-- The translation by hand: nodes of Drupal 7 into public pets, decoded and encoded by lua-cjson.
-- An empty list is the one thing that this version of lua-cjson cannot say: a mark stands for it until all is encoded.
local cjson = require "cjson"
local decode, encode, null = cjson.decode, cjson.encode, cjson.null
local date, tonumber, sub, gsub, find, match = os.date, tonumber, string.sub, string.gsub, string.find, string.match
local capture = ngx.location.capture

local M = {}
local species, breeds = {}, {}

-- lua-cjson prints 14 digits where it is not told, which is enough for weights.
function M.begin(file)
    local handle = assert(io.open(file))
    local known = decode(handle:read("*a"))
    handle:close()
    for _, term in ipairs(decode(known["GET /rest/species.json"])) do species[term.tid] = term.description end
    for _, term in ipairs(decode(known["GET /rest/breeds.json"])) do breeds[term.tid] = term.name end
end

local EMPTY = "\1[]"

local function first(field, name)
    local und = field and field.und
    local item = und and und[1]
    local value = item and item[name]
    if value == null then return nil end
    return value
end

local function truth(value)
    if value == nil then return nil end
    if value == "1" then return true end
    if value == "0" then return false end
    error("a flag that is none")
end

local function time(seconds)
    if seconds == nil or seconds == null then return null end
    return date("!%Y-%m-%dT%H:%M:%SZ", tonumber(seconds))
end

local today = {}

local function age(year, month, day)
    local months = (today.year - year) * 12 + today.month - month
    if today.day < day then months = months - 1 end
    if months >= 12 then return "P" .. (months - months % 12) / 12 .. "Y" end
    if months > 0 then return "P" .. months .. "M" end
    local born = os.time { year = year, month = month, day = day, hour = 12 }
    local now = os.time { year = today.year, month = today.month, day = today.day, hour = 12 }
    return "P" .. math.floor((now - born) / 86400 + 0.5) .. "D"
end

local genders = { Male = "male", Female = "female" }
local flags = { Yes = true, No = false }

local function pet(node)
    local kind = species[first(node.field_species, "tid")] or error("an unknown species")
    local breed = null
    local primary = first(node.field_breed_primary, "target_id")
    if primary then
        local secondary = first(node.field_breed_secondary, "target_id")
        breed = {
            primary = breeds[primary] or error("an unknown breed"),
            secondary = secondary and (breeds[secondary] or error("an unknown breed")) or null,
            mixed = truth(first(node.field_breed_mix, "value")) or false,
        }
    end
    local birth, old = null, null
    local born = first(node.field_birthday, "value")
    if born then
        local year, month, day = match(born, "^(%d%d%d%d)-(%d%d)-(%d%d) 00:00:00$")
        if not year then error("no date") end
        birth = sub(born, 1, 10)
        old = age(tonumber(year), tonumber(month), tonumber(day))
    end
    local weight = null
    local value = first(node.field_weight_value, "value")
    if value then
        weight = { value = tonumber(value) or error("no number"), unit = first(node.field_weight_unit, "value") }
    end
    local colors = EMPTY
    local und = node.field_colors.und
    if und and #und > 0 then
        colors = {}
        for i = 1, #und do colors[i] = und[i].value end
    end
    local photos = EMPTY
    und = node.field_photos.und
    if und and #und > 0 then
        photos = {}
        for i = 1, #und do
            local file = und[i]
            photos[i] = {
                url = file.uri,
                width = file.width ~= null and tonumber(file.width) or null,
                height = file.height ~= null and tonumber(file.height) or null,
            }
        end
    end
    local shown = { profile = false, contact = false, emergencyContacts = false, medical = false }
    und = node.field_visibility.und
    if und then
        for i = 1, #und do shown[und[i].value] = true end
    end
    local chip = first(node.field_microchip, "value")
    local altered = flags[first(node.field_altered, "value")]
    if altered == nil then altered = null end
    return {
        petId = node.nid,
        ownerId = node.uid,
        name = node.title,
        species = kind,
        breed = breed,
        sex = genders[first(node.field_gender, "value")] or null,
        altered = altered,
        birthDate = birth,
        birthDateEstimated = truth(first(node.field_birthday_estimated, "value")) or false,
        age = old,
        weight = weight,
        colors = colors,
        microchip = chip and chip ~= "" and chip or null,
        behaviorNotes = first(node.field_behavior_notes, "value") or null,
        photos = photos,
        visibility = shown,
        status = first(node.field_pet_status, "value") or "active",
        createdAt = time(node.created),
        updatedAt = time(node.changed),
    }
end

local function answer(value)
    local text = encode(value)
    if find(text, '"\\u0001[]"', 1, true) then text = gsub(text, '"\\u0001%[%]"', "[]") end
    ngx.header["Content-Length"] = #text
    ngx.print(text)
end

local function fetch(target, query)
    local now = date("!*t", ngx.time())
    today.year, today.month, today.day = now.year, now.month, now.day
    local got = capture(target, { args = query })
    if got.status ~= 200 then
        ngx.status = got.status == 404 and 404 or 500
        ngx.print('{"message":"the record cannot be had"}')
        return ngx.exit(ngx.status)
    end
    return decode(got.body)
end

function M.record(id)
    answer(pet(fetch("/rest/node/" .. id .. ".json")))
end

function M.list()
    local asked = ngx.req.get_uri_args(10)
    local limit, offset = tonumber(asked.limit or 10), tonumber(asked.offset or 0)
    if not limit or limit < 1 or limit > 100 or not offset or offset < 0 then
        ngx.status = 400
        ngx.print('{"message":"limit is 1 to 100, offset 0 or more"}')
        return ngx.exit(400)
    end
    local nodes = fetch("/rest/views/pets.json", "sort=asc&offset=" .. offset .. "&limit=" .. limit)
    local pets = {}
    for i = 1, #nodes do pets[i] = pet(nodes[i]) end
    answer { pets = #pets > 0 and pets or EMPTY, metadata = { limit = limit, offset = offset } }
end

return M
